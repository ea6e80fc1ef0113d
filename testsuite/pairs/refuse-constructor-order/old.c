#include <stdio.h>

/* The same constructors and destructors, in another order. */
#define FIRST 202
#define SECOND 201

__attribute__((constructor(FIRST))) static void start(void)
{
	puts("start");
}

__attribute__((constructor(SECOND))) static void warm_up(void)
{
	puts("warm up");
}

__attribute__((destructor(FIRST))) static void cool_down(void)
{
	puts("cool down");
}

__attribute__((destructor(SECOND))) static void stop(void)
{
	puts("stop");
}

int main(void)
{
	puts("run");
	return 0;
}
