/* SPDX-License-Identifier: MIT */
/*
 * The model of hp-ctl: what it sees of the machine, and what it reports.
 *
 *   machine   every address space that maps a module built with the plugin
 *   proc      one of them: its /proc directory, its memory, its mappings
 *   module    one mapped copy of a program or library: load base, build-id, note, registry
 *   job       one patch for one module of one process, on its way to an outcome
 *
 *   main      commands and options                     ctl-main.c
 *   maps      /proc/PID/maps                           ctl-maps.c
 *   proc      opening, reading, threads, kcmp          ctl-proc.c
 *   module    ELF header, notes, registry, from memory ctl-module.c
 *   machine   walk over /proc, one address space once  ctl-machine.c
 *   bind      imports, by the link map of the process  ctl-bind.c
 *   stack     who is inside changed functions          ctl-stack.c
 *   gate      switching many functions at once         ctl-gate.c; its code: ctl-passage.c
 *   values    variables, from one patch to the next    ctl-values.c
 *   segment   patches that outgrew the arena           ctl-segment.c
 *   cost      what a patch costs in memory             ctl-cost.c
 *   tls       thread-local variables made zero         ctl-tls.c
 *   hooks     asking for hooks, and what they said     ctl-hooks.c
 *   apply     apply and revert for one process         ctl-apply.c
 *   store     install, remove, patch files             ctl-store.c
 *   host      locks, memory cgroups                    ctl-host.c
 *   report    text and JSON                            ctl-report.c
 *
 * Everything read from a process is hostile: it is copied once, then checked, then used. Nothing inside a process is
 * executed, and no path that a process shows is opened.
 */
#ifndef HOTPATCH_CTL_H
#define HOTPATCH_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include "abi.h"
#include "break.h"

#define HP_CTL_VERSION "0.1"
#define HP_STORE_DEFAULT "/var/lib/hotpatch"

enum ctl_cause {
#define HP_CTL_CAUSE(id, code, text, remedy) id,
#include "ctl-cause.def"
#undef HP_CTL_CAUSE
	CTL_NCAUSES
};

/* ---- mappings ---------------------------------------------------------------------------------------------------- */

struct map {
	uint64_t start, end, offset;
	uint64_t dev, inode;            /* inode 0: no file */
	const char *name;               /* as the kernel shows it, "" when there is none; belongs to struct maps */
	bool read, write, exec, shared;
};

struct maps {
	struct map *list;               /* ascending, never overlapping */
	size_t count, room;
	char *text;                     /* the names point in here */
	size_t text_room;
};

/* Both return -1 with errno when the file cannot be read. The struct may be used again; maps_free() gives it back. */
int maps_read(struct maps *maps, int proc_dir, const char *file);
void maps_free(struct maps *maps);
const struct map *maps_find(const struct maps *maps, uint64_t addr);
/* True when all of [addr, addr + size) is mapped readable without a hole, and writable or executable if asked for. */
bool maps_cover(const struct maps *maps, uint64_t addr, uint64_t size, bool write, bool exec);

/* ---- processes --------------------------------------------------------------------------------------------------- */

struct module {
	uint64_t base;                  /* load base: run-time address = base + p_vaddr */
	uint64_t low, high;             /* run-time extent of its load segments */
	uint64_t dynamic;               /* run-time address of the dynamic section, 0: static */
	uint8_t build_id[32];
	uint32_t build_id_size;
	uint64_t note, arena, arena_end, reserve, reserve_end, registry_at, stub; /* as in the file: without base */
	uint32_t chunk;
	uint32_t tls;                   /* offset of the room for new variables in the TLS block */
	uint64_t tls_size, tls_align;   /* of the block; 0: there is none */
	struct hp_registry registry;    /* copy, label always terminated */
	int hooks_phase;                /* enum hp_hooks_phase, -1: the patch has no hooks, or none that makes sense */
	bool registry_ok;               /* magic, version, state and label make sense */
	bool deleted;                   /* the file has no name any more */
	char *path;                     /* for people only */
};

struct proc {
	pid_t pid;
	pid_t tid;                      /* whose files are read: another thread where the leader is gone */
	pid_t ppid;
	uid_t uid;
	uint64_t start;                 /* clock ticks since boot, field 22 of stat */
	char comm[32];
	bool kernel, zombie;
	int dir;                        /* /proc/PID: pins the process number */
	int mem;                        /* pins the address space, also across exec; -1: no right */
	int mem_error;                  /* errno of that */
	bool writable;                  /* mem is open for writing */
	struct maps maps;
	struct module *modules;
	size_t nmodules;
	pid_t *sharers;                 /* other processes with this address space */
	size_t nsharers;
};

/* 0, or -1 with errno: the process is gone or is none (kernel thread, zombie: p->kernel, p->zombie tell). */
int proc_open(struct proc *p, pid_t pid);
void proc_close(struct proc *p);
int proc_read_maps(struct proc *p);
/* Exactly n bytes or false. */
bool proc_read(const struct proc *p, uint64_t addr, void *buf, size_t n);
/* As many bytes as can be read, 0 when none can. */
size_t proc_read_some(const struct proc *p, uint64_t addr, void *buf, size_t n);
/* All threads of the process and of those that share its memory; the caller frees the list. -1: out of reach. */
int proc_threads(const struct proc *p, pid_t **tids, size_t *count);
/* The same, but processes that share its memory are looked for in all of /proc. */
int proc_all_threads(const struct proc *p, pid_t **tids, size_t *count);
/* < 0, 0, > 0: an order of address spaces; *gone: one of both has ended. */
int proc_compare_vm(pid_t a, pid_t b, bool *gone);
/* One small file of a process or thread, NUL-terminated; bytes read or -1. */
ssize_t proc_read_file(int dir, const char *name, char *buf, size_t size);

/* Fills p->modules from p->mem and p->maps; what is no module built with the plugin is left out. */
void modules_find(struct proc *p);
void modules_release(struct proc *p);
bool module_reload_registry(const struct proc *p, struct module *m);
/* ctl-hooks.c: sets m->hooks_phase, the registry having been read. */
void hooks_read(const struct proc *p, struct module *m);
/* "pending", "ran", "vetoed"; NULL: no hooks. */
const char *hooks_word(const struct module *m);
bool module_is(const struct module *m, const uint8_t *build_id, uint32_t size);

/* ---- the machine ------------------------------------------------------------------------------------------------- */

struct machine {
	struct proc *procs;             /* with modules, oldest first: parents come before their children */
	size_t count, room;
	size_t unreadable;              /* processes that could not be looked at for lack of rights */
	size_t looked;                  /* processes that were looked at */
};

/* Walks /proc, or looks at the PIDS given (npids 0: walk). Processes without a module of the plugin are left out. -1
 * after a message when /proc cannot be read. */
int machine_look(struct machine *mc, const pid_t *pids, size_t npids);
void machine_release(struct machine *mc);
/* Why a process that was asked for is not there; CAUSE_NONE: it is. P is closed, and says who it is as far as is
 * known. */
enum ctl_cause machine_lacks(const struct machine *mc, pid_t pid, struct proc *p);

/* ---- options ----------------------------------------------------------------------------------------------------- */

enum consistency { CONSISTENCY_AUTO, CONSISTENCY_FUNCTION, CONSISTENCY_QUIESCENT };

struct options {
	const char *command;
	const char **files;             /* what is not an option */
	size_t nfiles;
	pid_t *pids;
	size_t npids;
	const char *store;
	enum consistency consistency;
	double timeout;                 /* seconds for each process */
	bool dry_run, json, verbose, store_only, force;
};

/* Exit status, in order of weight: the heaviest of what happened wins. */
enum ctl_exit {
	EXIT_DONE = 0,                  /* every process is as it was asked for */
	EXIT_CANNOT = 1,                /* some process is not; check: some process needs the patch */
	EXIT_USAGE = 2,                 /* usage, or a patch or store that cannot be used */
};

/* One function for each command; they return enum ctl_exit. */
int command_status(const struct options *opt);
int command_apply(const struct options *opt);
int command_revert(const struct options *opt);
int command_check(const struct options *opt);
int command_install(const struct options *opt);
int command_remove(const struct options *opt);

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* A writer of one JSON text: objects and arrays nest; key NULL inside an array. Bytes that are no UTF-8 become
 * U+FFFD. */
struct json {
	FILE *out;
	unsigned depth;
	bool more;                      /* a value stands before in this object or array */
};
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_end(struct json *j);

/* ---- the host ---------------------------------------------------------------------------------------------------- */

/* A directory that only this user can write to; NULL when none can be made. */
const char *run_directory(void);
/* The file of locks; -1 with errno. */
int lock_open(void);
/* Waits for the lock of a process; false: somebody else holds it. */
bool lock_hold(int fd, pid_t pid, double timeout);
void lock_release(int fd, pid_t pid);
/* From now on hp-ctl runs before all others when it wants to, if it may, and a key does not stop it: it may hold
 * threads. False: as it did before. */
void host_hurry(bool on);
/* May BYTES more be charged to the memory cgroup of the process without anybody being killed for it? */
bool memory_has_room(const struct proc *p, uint64_t bytes);

/* ---- the store --------------------------------------------------------------------------------------------------- */

/* The id of the patch that STORE holds for this build; false when there is none that can be trusted. */
bool store_lookup(const char *store, const uint8_t *build_id, uint32_t size, uint8_t id[HP_ID_SIZE]);

/* ---- words for people -------------------------------------------------------------------------------------------- */

/* How many processes were out of reach, on stderr; nothing for 0. */
void say_unreadable(size_t n);
const char *cause_code(enum ctl_cause cause);
const char *cause_text(enum ctl_cause cause);
const char *cause_remedy(enum ctl_cause cause);
/* "unpatched", "patched", ... as in ctl-status.c */
const char *module_state(const struct module *m);
/* STRING with everything that could disturb a terminal replaced by '?'; one of four static buffers. */
const char *printable(const char *string);
/* Hexadecimal; one of four static buffers. */
const char *hex(const uint8_t *bytes, size_t n);

#endif
