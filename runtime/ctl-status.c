/* SPDX-License-Identifier: MIT */
/*
 * hp-ctl status: every process and module built with the plugin, and what it runs.
 *
 *   unpatched     as the file on disk was built
 *   patched       a patch was applied to memory, at startup or later
 *   coldpatched   the file on disk carries the patch
 *   vetoed        patched or coldpatched, but a hook of the patch said no: the old code runs
 *   half-way      an earlier run was cut short; the process is unharmed, the next run completes or undoes it
 *   damaged       the registry makes no sense
 *
 * "stale" is added to the first three where the store holds another patch for this very build, and "pending" where
 * hooks of the patch have not run yet.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include "ctl-job.h"

const char *module_state(const struct module *m)
{
	const struct hp_registry *r = &m->registry;

	if (!m->registry_ok)
		return "damaged";
	if (r->state == HP_EMPTY)
		return "unpatched";
	if (r->state != HP_ACTIVE || r->beside.state == HP_BESIDE_LOADING || r->beside.state == HP_BESIDE_LOADED)
		return "half-way";
	if (hooks_word(m) && !strcmp(hooks_word(m), "vetoed"))
		return "vetoed";
	return r->cold == HP_COLD ? "coldpatched" : "patched";
}

static bool module_is_stale(const struct options *opt, const struct module *m)
{
	uint8_t id[HP_ID_SIZE];

	if (hp_broken("stale") || !store_lookup(opt->store, m->build_id, m->build_id_size, id))
		return false;
	return m->registry.state != HP_ACTIVE || memcmp(id, m->registry.id, HP_ID_SIZE);
}

static const char *since(const struct module *m, char *buf, size_t size)
{
	time_t at = (time_t)m->registry.since;
	struct tm tm;

	if (m->registry.state != HP_ACTIVE || !at || !localtime_r(&at, &tm) ||
	    !strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm))
		return "-";
	return buf;
}

/* The patch that the module runs, if a copy is at hand; the same question has the same answer for as long as we
 * look. */
static const struct patch_file *patch_of(const struct options *opt, const struct module *m)
{
	static uint8_t missed[HP_ID_SIZE];
	const struct patch_file *f;

	if (!m->registry_ok || m->registry.state == HP_EMPTY || !memcmp(missed, m->registry.id, HP_ID_SIZE))
		return NULL;
	f = patch_by_id(opt, NULL, 0, m);
	if (!f)
		memcpy(missed, m->registry.id, HP_ID_SIZE);
	return f;
}

static void print_accepted(const struct options *opt, const struct module *m)
{
	const struct patch_file *f = patch_of(opt, m);

	for (const char *text = f ? patch_accepted(f, NULL) : NULL; text; text = patch_accepted(f, text))
		printf("%-8s accepted           %s\n", "", printable(text));
}

static void text_line(const struct options *opt, const struct proc *p, const struct module *m)
{
	bool pending = m->registry.state == HP_ACTIVE && hooks_word(m) && !strcmp(hooks_word(m), "pending");
	char when[32], state[32];
	bool labelled = m->registry_ok && m->registry.state != HP_EMPTY && m->registry.label[0];

	snprintf(state, sizeof(state), "%s%s%s", module_state(m), module_is_stale(opt, m) ? ",stale" : "",
		 pending ? ",pending" : "");
	printf("%-8d %-18s %-19s %-20s %-15s %s%s\n", p->pid, state, since(m, when, sizeof(when)),
	       labelled ? printable(m->registry.label) : "-", printable(p->comm), printable(m->path),
	       m->deleted ? " (deleted)" : "");
	print_accepted(opt, m);
}

static void json_accepted(const struct options *opt, struct json *j, const struct module *m)
{
	const struct patch_file *f = patch_of(opt, m);
	const char *text = f ? patch_accepted(f, NULL) : NULL;

	if (!text)
		return;
	json_open(j, "accepted", '[');
	for (; text; text = patch_accepted(f, text))
		json_string(j, NULL, text);
	json_close(j, ']');
}

static void json_module(const struct options *opt, struct json *j, const struct module *m)
{
	json_open(j, NULL, '{');
	json_string(j, "path", m->path);
	json_bool(j, "deleted", m->deleted);
	json_string(j, "build_id", hex(m->build_id, m->build_id_size));
	json_number(j, "base", (int64_t)m->base);
	json_string(j, "state", module_state(m));
	json_bool(j, "stale", module_is_stale(opt, m));
	if (m->registry_ok && m->registry.state != HP_EMPTY) {
		json_string(j, "id", hex(m->registry.id, HP_ID_SIZE));
		json_string(j, "label", m->registry.label);
		json_number(j, "since", (int64_t)m->registry.since);
		if (hooks_word(m))
			json_string(j, "hooks", hooks_word(m));
		json_accepted(opt, j, m);
	}
	json_number(j, "generation", m->registry.generation);
	json_close(j, '}');
}

static void json_proc(const struct options *opt, struct json *j, const struct proc *p)
{
	json_open(j, NULL, '{');
	json_number(j, "pid", p->pid);
	json_string(j, "command", p->comm);
	json_number(j, "uid", p->uid);
	json_open(j, "shared_with", '[');
	for (size_t i = 0; i < p->nsharers; i++)
		json_number(j, NULL, p->sharers[i]);
	json_close(j, ']');
	json_open(j, "modules", '[');
	for (size_t i = 0; i < p->nmodules; i++)
		json_module(opt, j, &p->modules[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void status_json(const struct options *opt, const struct machine *mc)
{
	struct json j = { .out = stdout };

	json_open(&j, NULL, '{');
	json_open(&j, "processes", '[');
	for (size_t i = 0; i < mc->count; i++)
		json_proc(opt, &j, &mc->procs[i]);
	json_close(&j, ']');
	json_number(&j, "looked_at", (int64_t)mc->looked);
	json_number(&j, "unreadable", (int64_t)mc->unreadable);
	json_close(&j, '}');
	json_end(&j);
}

static void status_text(const struct options *opt, const struct machine *mc)
{
	if (mc->count)
		printf("%-8s %-18s %-19s %-20s %-15s %s\n", "PID", "STATE", "SINCE", "LABEL", "COMMAND", "MODULE");
	for (size_t i = 0; i < mc->count; i++)
		for (size_t k = 0; k < mc->procs[i].nmodules; k++)
			text_line(opt, &mc->procs[i], &mc->procs[i].modules[k]);
	say_unreadable(mc->unreadable);
}

/* Processes that were named and cannot be looked at: on stderr. One without a module of ours is fine. */
static int say_missing(const struct options *opt, const struct machine *mc)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < opt->npids; i++) {
		struct proc p;
		enum ctl_cause cause = machine_lacks(mc, opt->pids[i], &p);
		if (!cause || cause == CAUSE_NO_MODULE)
			continue;
		fprintf(stderr, "hp-ctl: process %d: %s\n", opt->pids[i], cause_text(cause));
		status = EXIT_CANNOT;
	}
	return status;
}

int command_status(const struct options *opt)
{
	struct machine mc;
	int status;

	if (machine_look(&mc, opt->pids, opt->npids) < 0)
		return EXIT_CANNOT;
	if (opt->json)
		status_json(opt, &mc);
	else
		status_text(opt, &mc);
	status = say_missing(opt, &mc);
	machine_release(&mc);
	return status;
}
