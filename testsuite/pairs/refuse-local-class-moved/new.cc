#include <cstdio>

/* Two local classes of one name, which only a number tells apart, changed places. */
struct shape {
	virtual int corners() const = 0;
	virtual ~shape() = default;
};

static const shape *first;

__attribute__((noipa)) static const shape *make(int kind)
{
	if (kind == 1) {
		struct one : shape { int corners() const override { return 4; } };
		return new one;
	}
	if (kind == 0) {
		struct one : shape { int corners() const override { return 3; } };
		return new one;
	}
	return nullptr;
}

int main()
{
	first = make(0);
	std::printf("%d\n", first->corners());
	return 0;
}
