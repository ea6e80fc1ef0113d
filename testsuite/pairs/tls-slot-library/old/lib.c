/* Of variables of each model one is used, and so has a slot. */
#define MODEL(model) static __thread int __attribute__((used, tls_model(model)))
MODEL("initial-exec") initial = 1, initial_unused = 20;
MODEL("global-dynamic") global = 300, global_unused = 4000, other_unused = 50000;

int __attribute__((noipa)) lib(int n)
{
	initial += n, global += n;
	return initial + global;
}
