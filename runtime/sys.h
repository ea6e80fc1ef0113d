/* SPDX-License-Identifier: MIT */
/* System calls of Linux on x86-64 without a C library: each returns what the kernel does, -errno on failure. */
#ifndef HOTPATCH_SYS_H
#define HOTPATCH_SYS_H

#include <asm/unistd.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile ("syscall" : "=a"(result) : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			  : "rcx", "r11", "memory");
	return result;
}

static inline long sys3(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile ("syscall" : "=a"(result) : "0"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

/* Not open(2): a sandbox that lets the dynamic linker work allows this one. */
static inline long sys_open(const char *path, int flags)
{
	return sys6(__NR_openat, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

static inline void sys_close(int fd)
{
	sys3(__NR_close, fd, 0, 0);
}

static inline long sys_pread(int fd, void *to, uint64_t size, uint64_t offset)
{
	return sys6(__NR_pread64, fd, (long)to, (long)size, (long)offset, 0, 0);
}

static inline long sys_pwrite(int fd, const void *from, uint64_t size, uint64_t offset)
{
	return sys6(__NR_pwrite64, fd, (long)from, (long)size, (long)offset, 0, 0);
}

static inline long sys_mprotect(uint64_t addr, uint64_t size, int prot)
{
	return sys3(__NR_mprotect, (long)addr, (long)size, prot);
}

/* An address above this one is an error of sys_mmap(). */
#define SYS_MMAP_FAILED ((uint64_t)-4096)

static inline uint64_t sys_mmap(uint64_t addr, uint64_t size, int prot, int flags, int fd, uint64_t offset)
{
	return (uint64_t)sys6(__NR_mmap, (long)addr, (long)size, prot, flags, fd, (long)offset);
}

static inline void sys_munmap(const void *addr, uint64_t size)
{
	sys3(__NR_munmap, (long)addr, (long)size, 0);
}

#endif
