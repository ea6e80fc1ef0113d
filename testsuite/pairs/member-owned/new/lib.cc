// Static members that are tables: a library in C++ exports them.
struct weights {
	static const int tab[4];
	static int at(int n);
};
template <class T> struct scale {
	static const T tab[4];
	__attribute__((noinline)) static T at(int n) { return tab[n]; }
};

const int weights::tab[4] = { 1, 5, 3, 9 };
template <class T> const T scale<T>::tab[4] = { 10, 21, 30, 41 };

int weights::at(int n) { return tab[n]; }

int weight(int n)
{
	return weights::at(n) + scale<long>::at(n);
}
