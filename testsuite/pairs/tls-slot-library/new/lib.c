/* Of variables of each model one is used, and so has a slot. */
#define MODEL(model) static __thread int __attribute__((used, tls_model(model)))
MODEL("initial-exec") initial = 1, initial_unused = 20;
MODEL("global-dynamic") global = 300, global_unused = 4000, other_unused = 50000;
static __thread int __attribute__((tls_model("initial-exec"))) fresh;

int __attribute__((noipa)) lib(int n)
{
	initial += n, global += n, initial_unused += n, global_unused += n, other_unused += n, fresh += n;
	return initial + global + initial_unused + global_unused + other_unused + 100000 * fresh;
}
