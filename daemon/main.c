/* SPDX-License-Identifier: BSD-2-Clause */
/* reprintd: reads its options and becomes the service, the run over some paths, or a check of them.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reprint/version.h>

#include "base/files.h"
#include "base/journal.h"
#include "base/log.h"
#include "config.h"
#include "ingest/once.h"
#include "ingest/parsers.h"
#include "ingest/pipeline.h"
#include "roots.h"
#include "scratch.h"
#include "service.h"
#include "state.h"
#include "text/text.h"
#include "upkeep.h"

#define DEFAULT_FILE "/etc/reprint/reprintd.conf"
#define SETS_MAX 256
#define ONCE_TRIES 2 /* of a commit: what has expired between them may have made room */
#define EXIT_ERROR 2 /* usage and errors, as in every program of the house */

struct options {
	const char *file; /* NULL: the default one, which may be missing */
	const char *sets[SETS_MAX];
	int set_count;
	bool check, once, strict, print_defaults, json;
	bool backup, verify, repair, purge;
	const char *restore; /* the file to restore from */
	const char *store;   /* --once: a state that stays */
};

static const char usage[] =
	"usage: reprintd [--config FILE] [--set KEY=VALUE]... [--check-config]\n"
	"       reprintd --once [--store DIR] [--strict] [--set KEY=VALUE]... PATH...\n"
	"       reprintd --backup | --restore FILE | --verify [--json] | --repair\n"
	"                [--config FILE] [--set KEY=VALUE]...\n"
	"\n"
	"  --config FILE      read FILE instead of " DEFAULT_FILE "\n"
	"  --set KEY=VALUE    over the file; may be repeated\n"
	"  --check-config     say whether the configuration is sound, and end\n"
	"  --print-defaults   print every key with its default, and end\n"
	"  --once             judge the paths (files, feed directories, - for JSON Lines on "
	"stdin),\n"
	"                     print one verdict a line, and end\n"
	"  --store DIR        with --once: continue the state in DIR and keep it\n"
	"  --strict           with --once: exit 2 if anything was refused\n"
	"  --backup           write the state to stdout as one checked stream, and end\n"
	"  --restore FILE     make the state anew from such a stream (- for stdin), and end\n"
	"  --verify           say of every file of the state whether it is sound, and end\n"
	"  --json             with --verify: one JSON object a line\n"
	"  --repair           set aside what is damaged, remove what is made again, and end\n"
	"  --version, --help\n";

/* What could not be written was not said. */
static int said(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	log_tell("reprintd", "standard output: not everything could be written");
	return EXIT_ERROR;
}

static enum status configure(void *ctx, struct config *out, char *why)
{
	const struct options *o = ctx;
	enum status st = config_init(out);

	if (st != STATUS_OK) {
		snprintf(why, CONFIG_WHY_BYTES, "%s", status_text(st));
		return st;
	}
	st = config_read(out, o->file == NULL ? DEFAULT_FILE : o->file, why);
	if (st == STATUS_NOT_FOUND && o->file == NULL)
		st = STATUS_OK;
	for (int i = 0; i < o->set_count && st == STATUS_OK; i++)
		st = config_set(out, o->sets[i], why);
	if (st != STATUS_OK)
		config_free(out);
	return st;
}

enum {
	OPTION_CONFIG = 256,
	OPTION_SET,
	OPTION_CHECK,
	OPTION_ONCE,
	OPTION_STORE,
	OPTION_STRICT,
	OPTION_DEFAULTS,
	OPTION_BACKUP,
	OPTION_RESTORE,
	OPTION_VERIFY,
	OPTION_JSON,
	OPTION_REPAIR,
	OPTION_PURGE,
	OPTION_VERSION,
	OPTION_HELP
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "set", required_argument, NULL, OPTION_SET },
	{ "check-config", no_argument, NULL, OPTION_CHECK },
	{ "print-defaults", no_argument, NULL, OPTION_DEFAULTS },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "store", required_argument, NULL, OPTION_STORE },
	{ "strict", no_argument, NULL, OPTION_STRICT },
	{ "backup", no_argument, NULL, OPTION_BACKUP },
	{ "restore", required_argument, NULL, OPTION_RESTORE },
	{ "verify", no_argument, NULL, OPTION_VERIFY },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "repair", no_argument, NULL, OPTION_REPAIR },
	{ "purge", no_argument, NULL, OPTION_PURGE }, /* for the daemon itself */
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

/* Of an option without a value; NULL for all others. */
static bool *flag_of(struct options *o, int option)
{
	switch (option) {
	case OPTION_CHECK:
		return &o->check;
	case OPTION_DEFAULTS:
		return &o->print_defaults;
	case OPTION_ONCE:
		return &o->once;
	case OPTION_STRICT:
		return &o->strict;
	case OPTION_BACKUP:
		return &o->backup;
	case OPTION_VERIFY:
		return &o->verify;
	case OPTION_JSON:
		return &o->json;
	case OPTION_REPAIR:
		return &o->repair;
	case OPTION_PURGE:
		return &o->purge;
	default:
		return NULL;
	}
}

static void read_option(struct options *o, int option)
{
	bool *flag = flag_of(o, option);

	if (flag != NULL) {
		*flag = true;
		return;
	}
	switch (option) {
	case OPTION_CONFIG:
		o->file = optarg;
		return;
	case OPTION_SET:
		if (o->set_count == SETS_MAX) {
			fprintf(stderr, "reprintd: --set: more than %d; use --config\n", SETS_MAX);
			exit(EXIT_ERROR);
		}
		o->sets[o->set_count++] = optarg;
		return;
	case OPTION_STORE:
		o->store = optarg;
		return;
	case OPTION_RESTORE:
		o->restore = optarg;
		return;
	case OPTION_VERSION:
		puts("reprintd " REPRINT_VERSION);
		exit(said(EXIT_SUCCESS));
	case OPTION_HELP:
		fputs(usage, stdout);
		exit(said(EXIT_SUCCESS));
	default:
		fputs(usage, stderr);
		exit(EXIT_ERROR);
	}
}

static void tell_given_up(const char *store, enum status st)
{
	if (st == STATUS_OK)
		return;
	if (store != NULL)
		log_tell("reprint",
			 "%s: %s; what was judged is kept: make room and scan again, it goes on",
			 store, status_text(st));
	else
		log_tell("reprint", "temporary store: %s; TMPDIR names its place", status_text(st));
}

static enum status open_store(struct state *out, struct config *c, const struct options *o,
			      struct parsers *parsers, struct scratch *scratch)
{
	struct pipeline_options p = { .queue_max = 64,
				      .parsers = parsers,
				      .tries_max = ONCE_TRIES };
	enum status st = o->store == NULL ? scratch_make(scratch) : STATUS_OK;

	if (st == STATUS_OK) {
		free(c->state);
		c->state = strdup(o->store == NULL ? scratch->path : o->store);
		st = c->state == NULL ? STATUS_NO_MEMORY : state_open(out, c, &p, o->store == NULL);
	}
	if (st == STATUS_VERSION)
		return st; /* which has been told */
	if (st != STATUS_OK && o->store != NULL)
		log_tell("reprint", "%s: %s; %s", o->store, status_text(st), state_advice(st));
	else if (st != STATUS_OK)
		tell_given_up(NULL, st);
	return st;
}

static int run_once(struct config *c, const struct options *o, struct parsers *parsers,
		    const char *const *paths, size_t count)
{
	struct once_counts counts = { 0 };
	struct scratch scratch = { "" };
	struct state state;
	enum status st;

	if (o->store != NULL && !roots_without(paths, count, o->store))
		return EXIT_ERROR;
	st = open_store(&state, c, o, parsers, &scratch);
	if (st == STATUS_OK) {
		st = once_run(&counts, state.pipeline, paths, count, (size_t)c->max_file_bytes);
		state_close(&state);
		if (st != STATUS_OK)
			log_tell("reprint", "stdout: %s", status_text(st));
		tell_given_up(o->store, counts.given_up);
		log_tell("reprint", "%zu judged, %zu known already, %zu refused", counts.verdicts,
			 counts.known, counts.rejected);
	}
	scratch_remove(&scratch);
	if (st == STATUS_OK)
		st = counts.given_up;
	return st != STATUS_OK || counts.unopened > 0 || (o->strict && counts.rejected > 0)
		       ? EXIT_ERROR
		       : EXIT_SUCCESS;
}

/* First of all: what is open already, or runs, would be theirs too. *out stays NULL for threads. */
static enum status open_parsers(struct parsers **out, const struct config *c, bool once)
{
	struct parsers_options o = { .count = state_threads(c),
				     .max_bytes = (size_t)c->max_file_bytes,
				     .time_ms = c->parse_time };
	enum status st = STATUS_OK;

	if (c->parsers == CONFIG_PROCESSES || (c->parsers == CONFIG_AUTO && !once))
		st = parsers_open(out, &o);
	if (st != STATUS_OK)
		log_tell("reprintd",
			 "parser processes: %s: this system cannot confine them; parsers=threads "
			 "does without",
			 status_text(st));
	return st;
}

static int work(struct config *c, struct options *o, const char *const *paths, size_t count)
{
	struct parsers *parsers = NULL;
	enum status st;
	int code;

	if (o->backup)
		return upkeep_backup(c);
	if (o->restore != NULL)
		return upkeep_restore(c, o->restore);
	if (o->verify)
		return upkeep_verify(c, o->json);
	if (o->repair)
		return upkeep_repair(c);
	if (o->purge)
		return upkeep_purge(c);
	text_start();
	st = open_parsers(&parsers, c, o->once);
	if (st != STATUS_OK)
		return EXIT_ERROR;
	code = o->once ? run_once(c, o, parsers, paths, count)
		       : service_run(c, parsers, configure, o);
	parsers_close(parsers);
	return code;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct config c;
	char why[CONFIG_WHY_BYTES] = "";
	int option, code;

	files_guard_standard();
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		read_option(&o, option);
	if (o.print_defaults) {
		config_print_defaults();
		return said(EXIT_SUCCESS);
	}
	if ((optind < argc) != o.once || ((o.store != NULL || o.strict) && !o.once)) {
		fputs(usage, stderr);
		return EXIT_ERROR;
	}
	if (configure(&o, &c, why) != STATUS_OK) {
		log_tell("reprintd", "configuration: %s", why);
		return EXIT_ERROR;
	}
	log_set_prefix(getenv("JOURNAL_STREAM") != NULL);
	journal_open(getenv("JOURNAL_STREAM"), JOURNAL_SOCKET);
	if (o.check) {
		puts("reprintd: the configuration is sound");
		code = EXIT_SUCCESS;
	} else {
		code = work(&c, &o, (const char *const *)argv + optind, (size_t)(argc - optind));
	}
	config_free(&c);
	return said(code);
}
