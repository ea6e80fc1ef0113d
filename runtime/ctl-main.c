/* SPDX-License-Identifier: MIT */
/*
 * hp-ctl: patches in running processes.
 *
 * The commands and options stand in two tables, which the parser and --help both read; the manual's synopsis is checked
 * against them by the test suite.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "ctl.h"

enum takes {
	TAKES_STATUS = 1, TAKES_APPLY = 2, TAKES_REVERT = 4, TAKES_CHECK = 8, TAKES_INSTALL = 16, TAKES_REMOVE = 32
};

static const struct command {
	const char *name, *files;
	enum takes bit;
	size_t least, most;             /* number of file arguments */
	int (*run)(const struct options *opt);
	const char *help;
} commands[] = {
	{ "apply", "PATCH...", TAKES_APPLY, 1, SIZE_MAX, command_apply,
	  "patch the running processes that map what PATCH is for" },
	{ "revert", "[PATCH...]", TAKES_REVERT, 0, SIZE_MAX, command_revert,
	  "take patches back: the given ones, else all" },
	{ "status", "", TAKES_STATUS, 0, 0, command_status,
	  "list processes and modules built with the plugin, and what they run" },
	{ "check", "PATCH", TAKES_CHECK, 1, 1, command_check,
	  "tell whether any process still runs code that PATCH fixes" },
	{ "install", "PATCH...", TAKES_INSTALL, 1, SIZE_MAX, command_install,
	  "put PATCH into the store for new processes, then apply it to running ones" },
	{ "remove", "PATCH...", TAKES_REMOVE, 1, SIZE_MAX, command_remove,
	  "take PATCH out of the store, then revert it in running processes" },
};

#define TAKES_WRITING (TAKES_APPLY | TAKES_REVERT | TAKES_INSTALL | TAKES_REMOVE)
#define TAKES_STORE (TAKES_INSTALL | TAKES_REMOVE)
#define TAKES_ALL 63

static const struct option {
	const char *name, *argument;
	unsigned takes;                 /* commands that know it */
	const char *help;
} options[] = {
	{ "pid", "PID", TAKES_WRITING | TAKES_STATUS | TAKES_CHECK, "only this process; may be given several times" },
	{ "consistency", "auto|function|quiescent", TAKES_WRITING, "when a function changes over (default: auto)" },
	{ "timeout", "SECONDS", TAKES_WRITING, "how long to try for each process (default: 10)" },
	{ "dry-run", NULL, TAKES_WRITING, "check everything, write nothing" },
	{ "store", "DIR", TAKES_ALL, "the store (default: " HP_STORE_DEFAULT ")" },
	{ "force", NULL, TAKES_WRITING, "take patches back without asking their hooks" },
	{ "store-only", NULL, TAKES_STORE, "leave running processes alone" },
	{ "json", NULL, TAKES_ALL, "report as JSON" },
	{ "verbose", NULL, TAKES_ALL, "say more" },
	{ "help", NULL, TAKES_ALL, "print this text and exit" },
	{ "version", NULL, TAKES_ALL, "print the version and exit" },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void help(void)
{
	printf("Usage: hp-ctl COMMAND [OPTION]... [PATCH]...\nPatches in running processes.\n\nCommands:\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		printf("  %-7s %-10s  %s\n", commands[i].name, commands[i].files, commands[i].help);
	printf("\nOptions:\n");
	for (size_t i = 0; i < COUNT(options); i++) {
		char name[64];
		snprintf(name, sizeof(name), "--%s%s%s", options[i].name, options[i].argument ? "=" : "",
			 options[i].argument ? options[i].argument : "");
		printf("  %-38s  %s\n", name, options[i].help);
	}
	printf("\nExit status: 0 all is as asked for; 1 some process is not; "
	       "2 usage, or a patch that cannot be used.\n");
}

static int usage(const char *what, const char *subject)
{
	fprintf(stderr, "hp-ctl: %s '%s'\nTry 'hp-ctl --help'.\n", what, subject);
	return -1;
}

static int take_number(struct options *opt, const char *name, const char *value)
{
	char *end;

	errno = 0;
	if (!strcmp(name, "timeout")) {
		opt->timeout = strtod(value, &end);
		if (end == value || *end || !(opt->timeout >= 0 && opt->timeout < 1e7))
			return usage("bad number of seconds", value);
		return 0;
	}
	long pid = strtol(value, &end, 10);
	if (end == value || *end || pid <= 0 || pid > 1 << 30)
		return usage("bad process number", value);
	pid_t *pids = reallocarray(opt->pids, opt->npids + 1, sizeof(*pids));
	if (!pids)
		return usage("no memory for", value);
	opt->pids = pids;
	opt->pids[opt->npids++] = (pid_t)pid;
	return 0;
}

static int take_option(struct options *opt, const char *name, const char *value)
{
	static const char *const consistencies[] = { "auto", "function", "quiescent" };

	if (!strcmp(name, "pid") || !strcmp(name, "timeout"))
		return take_number(opt, name, value);
	if (!strcmp(name, "consistency")) {
		for (size_t i = 0; i < COUNT(consistencies); i++)
			if (!strcmp(value, consistencies[i])) {
				opt->consistency = (enum consistency)i;
				return 0;
			}
		return usage("unknown consistency", value);
	}
	if (!strcmp(name, "store"))
		opt->store = value;
	else if (!strcmp(name, "dry-run"))
		opt->dry_run = true;
	else if (!strcmp(name, "json"))
		opt->json = true;
	else if (!strcmp(name, "verbose"))
		opt->verbose = true;
	else if (!strcmp(name, "force"))
		opt->force = true;
	else if (!strcmp(name, "store-only"))
		opt->store_only = true;
	return 0;
}

/* ARG is "--name", "--name=value", or "--name" with the value in *next (then *next becomes NULL). */
static int parse_option(struct options *opt, const struct command *command, const char *arg, const char **next)
{
	const char *equals = strchr(arg, '=');
	size_t length = equals ? (size_t)(equals - arg - 2) : strlen(arg) - 2;

	for (size_t i = 0; i < COUNT(options); i++) {
		const struct option *o = &options[i];
		const char *value = equals ? equals + 1 : NULL;
		if (strlen(o->name) != length || strncmp(o->name, arg + 2, length) || !(o->takes & command->bit))
			continue;
		if (o->argument && !value) {
			value = *next;
			*next = NULL;
			if (!value)
				return usage("value missing after", arg);
		} else if (!o->argument && value) {
			return usage("no value wanted in", arg);
		}
		return take_option(opt, o->name, value);
	}
	return usage("unknown option", arg);
}

static int parse(struct options *opt, const struct command *command, int argc, char **argv)
{
	bool only_files = false;

	for (int i = 2; i < argc; i++) {
		if (only_files || argv[i][0] != '-' || !argv[i][1]) {
			opt->files[opt->nfiles++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			only_files = true;
		} else if (argv[i][1] != '-') {
			return usage("unknown option", argv[i]);
		} else {
			const char *next = i + 1 < argc ? argv[i + 1] : NULL, *had = next;
			if (parse_option(opt, command, argv[i], &next) < 0)
				return -1;
			i += had && !next;
		}
	}
	if (opt->nfiles < command->least)
		return usage("a patch file is missing after", command->name);
	if (opt->nfiles > command->most)
		return usage("one argument too many:", opt->files[command->most]);
	return 0;
}

static bool asks_for(int argc, char **argv, const char *option)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], option))
			return true;
	return false;
}

/* Started with its standard descriptors closed it would print into the next file that it opens, such as somebody's
 * memory. What cannot be written to is told at the end. */
static void fill_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct rlimit files;

	fill_descriptors();
	signal(SIGPIPE, SIG_IGN);       /* it dies of no reader in the middle of its work */
	if (asks_for(argc, argv, "--help"))
		return help(), fflush(stdout) ? EXIT_USAGE : EXIT_DONE;
	if (asks_for(argc, argv, "--version"))
		return puts("hp-ctl " HP_CTL_VERSION), fflush(stdout) ? EXIT_USAGE : EXIT_DONE;
	if (argc < 2)
		return usage("a command is missing after", "hp-ctl"), EXIT_USAGE;
	/* Two descriptors for every process that is looked at. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		struct options opt = { .command = argv[1], .timeout = 10, .store = HP_STORE_DEFAULT };
		opt.files = calloc((size_t)argc, sizeof(*opt.files));
		int status = EXIT_USAGE;
		if (opt.files && parse(&opt, &commands[i], argc, argv) == 0)
			status = commands[i].run(&opt);
		free(opt.files);
		free(opt.pids);
		if (fflush(stdout) || ferror(stdout)) {
			fprintf(stderr, "hp-ctl: cannot write the report: %s\n", strerror(errno));
			status = status > EXIT_CANNOT ? status : EXIT_CANNOT;
		}
		return status;
	}
	return usage("unknown command", argv[1]), EXIT_USAGE;
}
