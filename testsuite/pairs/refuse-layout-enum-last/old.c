#include <stdio.h>
#include <stdlib.h>

/* The last constant counts nothing: objects hold it. */
enum state {
	IDLE,
	BUSY,
	DONE
};

struct job { enum state state; };

static struct job *job;

__attribute__((noipa)) static void begin(void)
{
	job = malloc(sizeof *job);
	job->state = DONE;
}

__attribute__((noipa)) static const char *name(enum state s)
{
	switch (s) {
	case IDLE: return "idle";
	case BUSY: return "busy";
	case DONE: return "done";
	}
	return "?";
}

int main(void)
{
	begin();
	puts(name(job->state));
	return 0;
}
