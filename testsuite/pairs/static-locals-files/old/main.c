void a(void), b(void), hp_wait(void);

/* Static functions, variables and static locals of one name in two files; only one file's function changes. */
int main(void)
{
	a(), b();
	hp_wait();
	a(), b();
	return 0;
}
