#include <cstdio>
#include <string>
#include <vector>

// One fix in a template changes each of its instances.
template <typename T> [[gnu::noipa]] T largest(const std::vector<T> &v)
{
	T best = v[0];
	for (std::size_t i = 1; i < v.size(); i++)
		if (best < v[i])
			best = v[i];
	return best;
}

int main()
{
	std::printf("%d\n", largest(std::vector<int>{ 1, 5, 3, 9 }));
	std::printf("%.1f\n", largest(std::vector<double>{ 1.5, 2.5, 7.5 }));
	return 0;
}
