// SPDX-License-Identifier: GPL-3.0-or-later
// What C++ adds to entries.c: COMDAT, templates, thunks, lambdas, exceptions, constructors in several versions.
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

struct A { virtual ~A() {} virtual int f(int a) { return a; } long x; };
struct B { virtual ~B() {} virtual int g(int a, ...) { return a + 1; } long y; };
struct D : A, B { int f(int a) override { return a * 2; } int g(int a, ...) override; ~D(); };
int D::g(int a, ...) { return a + (int)y; }
D::~D() { y = 0; }
struct V : virtual A { int f(int a) override { return a * 3; } };
namespace { struct Anonymous { int f() { return 3; } }; }

template<class T> __attribute__((noinline)) T instance(T a) { static int count; count++; return a + count; }
static int guarded() { static std::string s("x"); static int count = 3; return ++count + s.size(); }
__attribute__((noinline)) int thrower(int a) { if (a > 3) throw std::runtime_error("x"); return a; }
__attribute__((noinline)) int catcher(int a) { try { return thrower(a); } catch (std::exception &) { return -1; } }

int main(int argc, char **)
{
	D d;
	V v;
	A *a = &d, *va = &v;
	B *b = &d;
	std::vector<int> list{3, 1, 2};
	std::map<std::string, int> map;
	std::function<int(int)> lambda = [&](int q) { return q + argc; };

	b->y = map["a"] = 1;
	std::cout << a->f(2) + b->g(3, 4) + va->f(2) + instance(1) + instance(2L) + (int)instance(3.0) + guarded() +
		catcher(9) + lambda(3) + Anonymous().f() + list[1] << "\n";
}
