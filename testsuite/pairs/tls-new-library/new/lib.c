static __thread int calls, carry;
__thread struct { char pad[20]; long sum; } both;

int __attribute__((noipa)) count(int n)
{
	both.sum += n + carry;
	carry = 0;
	return ++calls * 100 + both.sum;
}
