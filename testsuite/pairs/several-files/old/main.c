int run_a(int), run_b(int);

int main(void)
{
	run_a(1);
	run_b(10);
	run_a(2);
	run_b(20);
	return 0;
}
