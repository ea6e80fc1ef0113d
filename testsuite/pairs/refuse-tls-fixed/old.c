/* OLD has no thread-local variable, so it may be loaded when all fixed places are taken. */
int work(int n)
{
	return n;
}
