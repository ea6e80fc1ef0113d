#include <cstdio>
#include <stdexcept>

// A static program without .eh_frame_hdr: an exception would not find its way through the new check().
[[gnu::noipa]] int check(int x)
{
	if (x == 7)
		throw x;
	return x + 1;
}

int main(int argc, char **)
{
	try {
		std::printf("%d\n", check(argc));
	} catch (const std::exception &) {
		std::puts("caught");
	}
	return 0;
}
