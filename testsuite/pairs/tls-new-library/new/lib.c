static __thread int calls, carry;
__thread struct { char pad[20]; long sum; } both;
__thread long first;

int __attribute__((noipa)) count(int n)
{
	first = first ? first : 1;
	both.sum += n + carry;
	carry = 0;
	return ++calls * 100 * first + both.sum;
}
