__thread int shared = 100;
static __thread int dynamic = 1, second = 2;
static __thread int __attribute__((tls_model("initial-exec"))) initial = 3;
__thread int __attribute__((tls_model("global-dynamic"))) global = 4;

int __attribute__((noipa)) lib(int n)
{
	dynamic += n, second += n, initial += n, global += n, shared += n;
	return dynamic * 1000 + second * 100 + initial * 10 + global + shared;
}
