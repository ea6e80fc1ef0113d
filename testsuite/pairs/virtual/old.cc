#include <cstdio>
#include <memory>
#include <vector>

struct Shape {
	virtual ~Shape() = default;
	virtual double area() const = 0;
	virtual const char *name() const { return "shape"; }
};

struct Square : Shape {
	double side;
	explicit Square(double s) : side(s) {}
	double area() const override;
};

struct Circle : Shape {
	double r;
	explicit Circle(double r) : r(r) {}
	double area() const override;
	const char *name() const override;
};

[[gnu::noipa]] double Square::area() const { return side + side; }
[[gnu::noipa]] double Circle::area() const { return 3 * r * r; }
[[gnu::noipa]] const char *Circle::name() const { return "circle"; }

int main()
{
	std::vector<std::unique_ptr<Shape>> shapes;
	shapes.push_back(std::make_unique<Square>(3));
	shapes.push_back(std::make_unique<Circle>(2));
	for (auto &s : shapes)
		std::printf("%s %.2f\n", s->name(), s->area());
	return 0;
}
