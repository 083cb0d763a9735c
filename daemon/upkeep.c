/* SPDX-License-Identifier: BSD-2-Clause */
#include "upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/files.h"
#include "base/log.h"
#include "config.h"
#include "index/audit.h"
#include "ingest/naming.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/purge.h"
#include "store/store.h"
#include "store/verify.h"
#include "wire/json.h"

#define EXIT_PROBLEM 2

static const char no_state[] = "no state is there";

static int fail(const char *what, const char *why)
{
	log_tell("reprintd", "%s: %s", what, why);
	return EXIT_PROBLEM;
}

/* What the state's format is has been told. */
static int fail_state(const struct config *c, enum status st, const char *why)
{
	return st == STATUS_VERSION ? EXIT_PROBLEM : fail(c->state, why);
}

static void say_totals(const char *done, const struct parcel_totals *t)
{
	log_tell("reprintd", "%s: %" PRIu64 " articles, %" PRIu64 " epochs, %" PRIu64 " bytes",
		 done, t->articles, t->environments - 1, t->bytes);
}

/* ---- backup and restore --------------------------------------------------------------------- */

int upkeep_backup(const struct config *c)
{
	struct backup_failure failure;
	struct parcel_totals t;
	enum status st;

	if (isatty(STDOUT_FILENO))
		return fail("backup", "will not write to a terminal; reprintd --backup >FILE");
	st = backup_write(&t, &failure, STDOUT_FILENO, c->state, (size_t)c->map_size);
	if (st != STATUS_OK && failure.of_stream)
		return fail("standard output", failure.why);
	if (st != STATUS_OK)
		return fail_state(c, st, failure.why);
	say_totals("backed up", &t);
	return EXIT_SUCCESS;
}

/* What root restores into the daemon's directory shall be the daemon's. */
static void become_owner(const char *state)
{
	struct stat s;

	if (geteuid() != 0 || stat(state, &s) != 0 || s.st_uid == 0)
		return;
	if (setresgid(s.st_gid, s.st_gid, s.st_gid) != 0 ||
	    setresuid(s.st_uid, s.st_uid, s.st_uid) != 0)
		log_tell("reprintd", "restore: the files will be root's: %s", strerror(errno));
}

int upkeep_restore(const struct config *c, const char *file)
{
	int fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct backup_failure failure;
	struct parcel_totals t;
	enum status st;

	if (fd < 0)
		return fail(file, strerror(errno));
	become_owner(c->state);
	st = backup_restore(&t, &failure, fd, c->state, (size_t)c->map_size);
	close(fd);
	if (st != STATUS_OK)
		return fail(failure.of_stream ? file : c->state, failure.why);
	say_totals("restored", &t);
	return EXIT_SUCCESS;
}

static void tell_epoch(void *ctx, const struct purged *p)
{
	(void)ctx;
	printf("{\"epoch\":%" PRIu32 ",\"writer\":%" PRIu32 ",\"first\":%" PRIu64
	       ",\"last\":%" PRIu64 "}\n",
	       p->epoch, p->writer, p->first, p->last);
	fflush(stdout);
}

int upkeep_purge(const struct config *c)
{
	enum status st = purge_write(c->state, (size_t)c->map_size, tell_epoch, NULL);

	return st == STATUS_OK ? EXIT_SUCCESS : fail_state(c, st, status_text(st));
}

/* ---- verify --------------------------------------------------------------------------------- */

struct checking {
	bool json;
	struct index_audit *audit;
	uint64_t sound, problems;
	/* For repair: */
	const char *state; /* NULL: only tell */
	bool index_broken;
};

static const char *advice(enum remedy remedy)
{
	switch (remedy) {
	case REMEDY_INDEX:
		return "reprint repair makes it again from the articles";
	case REMEDY_SET_ASIDE:
		return "reprint repair sets it aside, the rest serves; a backup has what is lost";
	case REMEDY_NONE:
		break;
	}
	return "nothing else is touched by it; a backup may have it whole";
}

static void tell_json(const struct finding *f)
{
	static const char *const remedies[] = { "none", "index", "set_aside" };
	struct bytes line = { 0 };
	struct json j = json_of(&line);

	json_open(&j, '{');
	json_put_text(&j, "file", span_of_text(f->file));
	json_put_text(&j, "problem", span_of_text(f->problem));
	if (f->problem != NULL) {
		json_put_word(&j, "remedy", remedies[f->remedy]);
		json_put_word(&j, "advice", advice(f->remedy));
	} else {
		json_put_number(&j, "records", f->records);
		json_put_number(&j, "bytes", f->bytes);
	}
	json_close(&j, '}');
	put_bytes(&line, "\n", 1);
	fwrite(line.p, 1, line.failed ? 0 : line.len, stdout);
	bytes_free(&line);
}

static void mend(struct checking *k, const struct finding *f)
{
	char *path;

	if (f->remedy == REMEDY_INDEX)
		k->index_broken = true;
	if (f->remedy != REMEDY_SET_ASIDE || (path = files_path(k->state, f->file)) == NULL)
		return;
	if (access(path, F_OK) == 0)
		check_set_aside(path, STATUS_DAMAGED);
	free(path);
}

static void take_finding(void *ctx, const struct finding *f)
{
	struct checking *k = ctx;

	k->sound += f->problem == NULL;
	k->problems += f->problem != NULL;
	if (k->json)
		tell_json(f);
	else if (f->problem == NULL)
		printf("%s: sound, %" PRIu64 " records, %" PRIu64 " bytes\n", f->file, f->records,
		       f->bytes);
	else
		printf("%s: PROBLEM: %s; %s\n", f->file, f->problem, advice(f->remedy));
	fflush(stdout);
	if (f->problem != NULL && k->state != NULL)
		mend(k, f);
}

static void check_article(void *ctx, const struct row *row, uint64_t secret)
{
	struct checking *k = ctx;
	struct span absent = { NULL, 0 };

	index_audit_article(k->audit, row->verdict.seq, row->verdict.simhash,
			    naming_key(KEY_ID, row->verdict.id, absent, secret));
}

static enum status check_all(struct checking *k, const struct config *c)
{
	struct verify_options o = {
		.path = c->state, .map_size = (size_t)c->map_size, .tell = take_finding, .ctx = k
	};
	enum status st = check_state_format(c->state);
	char *index = files_path(c->state, "index");

	if (index == NULL)
		st = STATUS_NO_MEMORY;
	if (st == STATUS_OK && access(index, F_OK) == 0) /* else it is made at the first start */
		st = index_audit_open(&k->audit, index, take_finding, k);
	free(index);
	if (k->audit != NULL)
		o.row = check_article;
	if (st == STATUS_OK)
		st = verify_state(&o);
	index_audit_close(k->audit);
	return st;
}

static void say_sum(const struct checking *k)
{
	if (k->json)
		printf("{\"sound\":%" PRIu64 ",\"problems\":%" PRIu64 ",\"end\":true}\n", k->sound,
		       k->problems);
	else
		printf("%" PRIu64 " files sound, %" PRIu64 " problems\n", k->sound, k->problems);
	fflush(stdout);
}

int upkeep_verify(const struct config *c, bool json)
{
	struct checking k = { .json = json };
	enum status st = check_all(&k, c);

	if (st != STATUS_OK)
		return fail_state(c, st, st == STATUS_NOT_FOUND ? no_state : status_text(st));
	say_sum(&k);
	return k.problems == 0 ? EXIT_SUCCESS : EXIT_PROBLEM;
}

/* ---- repair --------------------------------------------------------------------------------- */

/* Before anything is written there, be it the lock. */
static enum status find_state(const char *state)
{
	char *epochs = files_path(state, "epochs");
	enum status st = STATUS_NO_MEMORY;

	if (epochs != NULL)
		st = access(epochs, F_OK) == 0 ? STATUS_OK : status_of_errno(errno);
	free(epochs);
	return st;
}

int upkeep_repair(const struct config *c)
{
	struct checking k = { .state = c->state };
	int lock;
	enum status st = find_state(c->state);

	become_owner(c->state);
	if (st == STATUS_OK)
		st = store_lock(&lock, c->state);
	if (st != STATUS_OK)
		return fail(c->state, st == STATUS_BUSY
					      ? "reprintd runs on it: use reprint repair, "
						"or stop it first"
				      : st == STATUS_NOT_FOUND ? no_state
							       : status_text(st));
	st = check_all(&k, c);
	if (st == STATUS_OK && k.index_broken) {
		char *index = files_path(c->state, "index");

		st = index == NULL ? STATUS_NO_MEMORY : files_remove_tree(index);
		if (st == STATUS_OK)
			puts("index: removed; the next start makes it again from the articles");
		free(index);
	}
	close(lock);
	if (st != STATUS_OK)
		return fail_state(c, st, status_text(st));
	say_sum(&k);
	return EXIT_SUCCESS;
}
