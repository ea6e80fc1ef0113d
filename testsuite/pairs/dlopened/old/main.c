#include <dlfcn.h>
#include <stdio.h>

void hp_wait(void);

int main(void)
{
	void *h = dlopen("plug.so", RTLD_NOW);
	int (*work)(int) = h ? (int (*)(int))dlsym(h, "work") : NULL;

	if (!work)
		return fprintf(stderr, "%s\n", dlerror()), 1;
	work(5);
	hp_wait();
	work(5);
	dlclose(h);
	h = dlopen("plug.so", RTLD_NOW);
	((int (*)(int))dlsym(h, "work"))(6);
	return 0;
}
