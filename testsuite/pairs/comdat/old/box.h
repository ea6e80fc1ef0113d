#pragma once
#include <cstdio>
#include <string>

// What stands in a header is made in every unit that includes it, and the linker keeps one: which, may differ.
inline int level = 3;
inline int counter() { static int n = 10; return ++n; }

template <class T> struct Box {
	T value;
	static inline int made = 0;
	explicit Box(T v) : value(v) { ++made; }
	__attribute__((noinline)) T twice() const { return value + value; }
	__attribute__((noinline)) T same() const { return value; }
};

template <class T> __attribute__((noinline)) T scaled(T v)
{
	return v * level;
}

__attribute__((always_inline)) inline int inlined(int n)
{
	return n * 7 + level;
}
