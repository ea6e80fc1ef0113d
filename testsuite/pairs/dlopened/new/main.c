#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
	void *h = dlopen("plug.so", RTLD_NOW);
	int (*work)(int) = h ? (int (*)(int))dlsym(h, "work") : NULL;

	if (!work)
		return fprintf(stderr, "%s\n", dlerror()), 1;
	work(5);
	dlclose(h);
	h = dlopen("plug.so", RTLD_NOW);
	((int (*)(int))dlsym(h, "work"))(6);
	return 0;
}
