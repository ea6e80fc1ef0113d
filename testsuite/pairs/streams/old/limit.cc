// The unit comes to include <iostream>, the main one does so already.
int limit(int n)
{
	return n;
}
