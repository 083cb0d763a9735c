/* SPDX-License-Identifier: BSD-2-Clause */
/* What the store promises when processes die, disks fill up and files break. */
#include "base/arena.h"
#include "base/log.h"
#include "store/check.h"
#include "store/epoch.h"
#include "store/store.h"

#include <reprint/article.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a disk that can be full ----------------------------------------------------------------- */

static bool disk_full, last_page_fails;
static size_t disk_left; /* bytes that still fit when it is full */

static bool fits(size_t len)
{
	/* LMDB's meta page is written in part; all else is whole pages. */
	if (last_page_fails && len < 4096) {
		errno = EIO;
		return false;
	}
	if (!disk_full)
		return true;
	if (len > disk_left) {
		errno = ENOSPC;
		return false;
	}
	disk_left -= len;
	return true;
}

#define EXPORTED __attribute__((visibility("default")))
/* These stand before those of libc for every library in the process, LMDB too. */
EXPORTED ssize_t pwrite(int fd, const void *p, size_t len, off_t at);
EXPORTED ssize_t pwrite64(int fd, const void *p, size_t len, off_t at);
EXPORTED ssize_t writev(int fd, const struct iovec *v, int count);
EXPORTED ssize_t write(int fd, const void *p, size_t len);

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	return fits(len) ? syscall(SYS_pwrite64, fd, p, len, at) : -1;
}

ssize_t pwrite64(int fd, const void *p, size_t len, off_t at)
{
	return pwrite(fd, p, len, at);
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += v[i].iov_len;
	return fits(len) ? syscall(SYS_writev, fd, v, count) : -1;
}

ssize_t write(int fd, const void *p, size_t len)
{
	return fd <= STDERR_FILENO || fits(len) ? syscall(SYS_write, fd, p, len) : -1;
}

/* ---- names: what is renamed is on the disk before anything else is ----------------------------
 */

EXPORTED int rename(const char *from, const char *to);
EXPORTED int fsync(int fd);
EXPORTED int fdatasync(int fd);

static char renamed_in[128];          /* folder of a name that may be lost; "": none is */
static unsigned renames, early_syncs; /* of something else meanwhile */

int rename(const char *from, const char *to)
{
	snprintf(renamed_in, sizeof renamed_in, "%.*s", (int)(strrchr(to, '/') - to), to);
	renames++;
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void note_sync(int fd)
{
	char link[64], path[128] = "";

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof path - 1) > 0 && strcmp(path, renamed_in) == 0)
		renamed_in[0] = '\0';
	else if (renamed_in[0] != '\0')
		early_syncs++;
}

int fsync(int fd)
{
	note_sync(fd);
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	note_sync(fd);
	return (int)syscall(SYS_fdatasync, fd);
}

/* ---- a state -------------------------------------------------------------------------------- */

static char folder[64];
static struct arena *arena;

static int make_folder(void **state)
{
	(void)state;
	disk_full = last_page_fails = false;
	strcpy(folder, "/tmp/reprint-damage-XXXXXX");
	arena = arena_open(1 << 16);
	return mkdtemp(folder) == NULL || arena == NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	disk_full = last_page_fails = false;
	arena_close(arena);
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct store_options options(void)
{
	return (struct store_options){ .path = folder,
				       .map_size = 1 << 20,
				       .keep_text = true,
				       .epoch_ms = 10000,
				       .sync = false };
}

static struct store *open_store(void)
{
	struct store_options o = options();
	struct store *s = NULL;

	assert_int_equal(store_open(&s, &o), STATUS_OK);
	return s;
}

static struct row row_of(uint64_t n)
{
	static char id[32], text[2000];
	static uint16_t tokens[500];
	static uint32_t paragraphs[] = { 0, 500 };
	struct row r = { .published_ms = ARTICLE_NO_TIME,
			 .token_count = 500,
			 .paragraph_count = 1,
			 .tokens = tokens,
			 .paragraphs = paragraphs };

	snprintf(id, sizeof id, "%llu", (unsigned long long)n);
	for (unsigned i = 0; i < 500; i++)
		tokens[i] = (uint16_t)(n * 7 + i);
	for (unsigned i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + (n + i * i / 7) % 26);
	r.verdict.id = span_of_text(id);
	r.text = span_of(text, sizeof text);
	return r;
}

/* Rows from..to in one batch; each carries an alert, a delivery and is a member of 1's cluster. */
static enum status put_rows(struct store *s, uint64_t from, uint64_t to, int64_t now_ms)
{
	struct delivery d = { .path = span_of_text("s/x") };
	uint64_t alert;
	enum status st = store_begin(s, now_ms);

	for (uint64_t n = from; n <= to && st == STATUS_OK; n++) {
		struct row r = row_of(n);

		r.verdict.cluster = 1;
		st = store_put(s, &r);
		if (st == STATUS_OK)
			st = store_put_alert(s, &alert, n, 1);
		if (st == STATUS_OK)
			st = store_put_member(s, 1, n, (int64_t)n);
		if (st == STATUS_OK)
			st = store_put_delivery(s, &d);
	}
	if (st == STATUS_OK)
		return store_commit(s);
	store_abort(s);
	return st;
}

static void assert_row(struct store *s, uint64_t seq, enum status st)
{
	struct row want = row_of(seq), got;
	struct span text;

	assert_int_equal(store_get(s, &got, seq, arena), st);
	if (st == STATUS_OK) {
		assert_true(span_equal(got.verdict.id, want.verdict.id));
		assert_memory_equal(got.tokens, want.tokens, 1000);
		assert_int_equal(store_text(s, &text, seq, arena), STATUS_OK);
		assert_true(span_equal(text, want.text));
	}
	arena_clear(arena);
}

/* Four epochs of 50 rows each. */
static void make_epochs(void)
{
	struct store *s = open_store();
	uint64_t expired;

	for (uint64_t i = 0; i < 4; i++) {
		assert_int_equal(put_rows(s, 50 * i + 1, 50 * i + 50, (int64_t)i * 10000),
				 STATUS_OK);
		if (i < 3)
			assert_int_equal(store_age(s, (int64_t)(i + 1) * 10000, &expired),
					 STATUS_OK);
	}
	store_close(s);
}

/* As a killed process leaves it: no record of a clean stop. */
static void forget_the_clean_stop(void)
{
	char name[128];

	snprintf(name, sizeof name, "%s/lengths", folder);
	assert_int_equal(unlink(name), 0);
}

static int open_data(const char *below)
{
	char name[128];
	int fd;

	snprintf(name, sizeof name, "%s/%s/data.mdb", folder, below);
	fd = open(name, O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

enum harm { HARM_CUT, HARM_EMPTY, HARM_ZERO_SOME, HARM_ZERO_ALL, HARM_NOISE, HARM_COUNT };

static void harm(const char *below, enum harm harm)
{
	static char page[4096];
	int fd = open_data(below);
	off_t length = lseek(fd, 0, SEEK_END);

	memset(page, harm == HARM_NOISE ? 0xa5 : 0, sizeof page);
	if (harm == HARM_CUT)
		assert_int_equal(ftruncate(fd, length / 2 / 4096 * 4096), 0);
	if (harm == HARM_EMPTY)
		assert_int_equal(ftruncate(fd, 0), 0);
	for (off_t at = harm == HARM_ZERO_ALL ? 0 : 3 * 4096; harm >= HARM_ZERO_SOME && at < length;
	     at += harm == HARM_ZERO_ALL ? 4096 : 5 * 4096)
		assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
	close(fd);
}

static bool exists(const char *below)
{
	char name[128];

	snprintf(name, sizeof name, "%s/%s", folder, below);
	return access(name, F_OK) == 0;
}

/* ---- damage --------------------------------------------------------------------------------- */

static void a_damaged_epoch_is_set_aside_and_the_rest_serves(void **state)
{
	static uint64_t members[300];

	(void)state;
	for (unsigned round = 0; round < HARM_COUNT; round++) {
		struct store *s;
		struct alert a;

		make_epochs();
		forget_the_clean_stop();
		harm("epochs/00000002", (enum harm)round);
		s = open_store();
		assert_true(exists("epochs/00000002.damaged"));
		for (uint64_t seq = 1; seq <= 200; seq++)
			assert_row(s, seq, seq > 50 && seq <= 100 ? STATUS_NOT_FOUND : STATUS_OK);
		assert_int_equal(store_cluster(s, 1, members, 300), 150);
		assert_int_equal(store_next_alert(s, &a, 50), STATUS_OK);
		assert_int_equal(a.alert, 101);
		assert_int_equal(put_rows(s, 201, 210, 30000), STATUS_OK);
		assert_row(s, 210, STATUS_OK);
		store_close(s);
		s = open_store();
		assert_row(s, 210, STATUS_OK);
		store_close(s);
		remove_folder(NULL);
		make_folder(NULL);
	}
}

/* All but its first two pages, under whoever has it mapped. */
static void zero_pages(const char *epoch)
{
	static const char zeros[4096];
	char path[128];
	struct stat s;
	int fd;

	snprintf(path, sizeof path, "%s/%s/data.mdb", folder, epoch);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0 && fstat(fd, &s) == 0);
	for (off_t at = 2 * 4096; at < s.st_size; at += 4096)
		assert_int_equal(pwrite(fd, zeros, sizeof zeros, at), sizeof zeros);
	close(fd);
}

static void a_new_name_is_on_the_disk_before_anything_is_kept_under_it(void **state)
{
	struct store_options o = options();
	struct store *s;
	uint64_t expired;

	(void)state;
	o.sync = true;
	renames = early_syncs = 0;
	renamed_in[0] = '\0';
	assert_int_equal(store_open(&s, &o), STATUS_OK);
	assert_true(renames >= 4); /* format, lengths, an epoch, meta */
	assert_int_equal(put_rows(s, 1, 10, 1), STATUS_OK);
	assert_int_equal(store_age(s, 20000, &expired), STATUS_OK);
	store_close(s);
	assert_int_equal(early_syncs, 0);
	assert_string_equal(renamed_in, "");
}

static void an_epoch_found_damaged_while_it_serves_is_told_and_can_be_set_aside(void **state)
{
	struct store *s;
	struct row r;

	(void)state;
	make_epochs();
	s = open_store();
	zero_pages("epochs/00000002");
	zero_pages("epochs/00000004"); /* in use */
	assert_int_equal(store_get_light(s, &r, 1, arena), STATUS_OK);
	assert_int_equal(store_unread(s), STATUS_OK);
	assert_int_equal(store_get_light(s, &r, 60, arena), STATUS_DAMAGED);
	assert_int_equal(store_unread(s), STATUS_DAMAGED);
	assert_int_equal(store_get_light(s, &r, 160, arena), STATUS_DAMAGED);
	assert_int_equal(store_mend(s), STATUS_OK);
	assert_int_equal(store_unread(s), STATUS_OK);
	assert_true(exists("epochs/00000002.damaged") && exists("epochs/00000004.damaged"));
	for (uint64_t seq = 1; seq <= 200; seq++)
		assert_row(s, seq, (seq - 1) / 50 % 2 == 1 ? STATUS_NOT_FOUND : STATUS_OK);
	assert_int_equal(put_rows(s, 201, 210, 30000), STATUS_OK);
	store_close(s);
	s = open_store();
	assert_row(s, 150, STATUS_OK);
	assert_row(s, 160, STATUS_NOT_FOUND);
	assert_row(s, 210, STATUS_OK);
	store_close(s);
}

/* A start and a stop that is not clean, in a process of its own. */
static int start_and_die(void)
{
	pid_t child = fork();
	int how;

	assert_true(child >= 0);
	if (child == 0) {
		struct store_options o = options();
		struct store *s;

		signal(SIGSEGV, SIG_DFL); /* cmocka would go on with its tests */
		signal(SIGBUS, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		_exit(store_open(&s, &o) == STATUS_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	return how;
}

/* The record as a start of the machine under another name would have left it. */
static void boot_anew(void)
{
	char name[128], text[512];
	FILE *f;
	size_t n;
	char *place;

	snprintf(name, sizeof name, "%s/lengths", folder);
	f = fopen(name, "r+");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	place = strstr(text, "\nplace ");
	assert_non_null(place);
	assert_int_equal(fseek(f, place + strlen("\nplace ") - text, SEEK_SET), 0);
	assert_int_equal(fputc(place[7] == '0' ? '1' : '0', f), place[7] == '0' ? '1' : '0');
	fclose(f);
}

static bool refuse(unsigned table, struct span key, struct span value)
{
	(void)table;
	(void)key;
	(void)value;
	return false;
}

/* Whether the newest epoch would be walked by the next start. */
static bool is_walked(void)
{
	char record[128], epoch[128];
	struct kv_options o;
	struct lengths l;
	enum status st;

	snprintf(record, sizeof record, "%s/lengths", folder);
	snprintf(epoch, sizeof epoch, "%s/epochs/00000004", folder);
	o = epoch_kv_options(epoch, 1 << 20, true);
	assert_int_equal(lengths_load(&l, record), STATUS_OK);
	st = check_files(&l, 4, &o, refuse);
	assert_true(st == STATUS_OK || st == STATUS_DAMAGED);
	lengths_free(&l);
	return st == STATUS_DAMAGED;
}

static void what_a_killed_process_wrote_is_trusted_until_the_machine_starts_anew(void **state)
{
	char copy[160], command[700];

	(void)state;
	make_epochs();
	assert_false(is_walked());
	assert_int_equal(start_and_die(), 0);
	assert_false(is_walked());
	boot_anew();
	assert_true(is_walked());
	assert_int_equal(start_and_die(), 0); /* walks, and ends without a clean stop again */
	assert_true(is_walked());
	assert_int_equal(start_and_die(), 0); /* all of it is walked: that is a new beginning */
	assert_false(is_walked());

	snprintf(copy, sizeof copy, "%s.copy", folder);
	snprintf(command, sizeof command, "cp -a %s %s && rm -rf %s && mv %s %s", folder, copy,
		 folder, copy, folder);
	assert_int_equal(system(command), 0); /* a copy may be torn */
	assert_true(is_walked());
}

static void after_a_clean_stop_a_cut_file_is_noticed_by_its_length(void **state)
{
	struct store *s;

	(void)state;
	make_epochs();
	harm("epochs/00000002", HARM_CUT);
	s = open_store();
	assert_true(exists("epochs/00000002.damaged"));
	assert_row(s, 1, STATUS_OK);
	assert_row(s, 60, STATUS_NOT_FOUND);
	store_close(s);
}

/* One bit of a row's tokens; nothing that a start would look at. */
static void rot(const char *below, uint64_t row)
{
	static char bytes[1 << 20];
	struct row r = row_of(row);
	int fd = open_data(below);
	struct timespec times[2];
	struct stat s;
	ssize_t len;
	char *at;

	assert_int_equal(fstat(fd, &s), 0);
	times[0] = s.st_atim;
	times[1] = s.st_mtim;
	len = pread(fd, bytes, sizeof bytes, 0);
	assert_true(len > 0);
	at = memmem(bytes, (size_t)len, r.tokens, 1000);
	assert_non_null(at);
	*at ^= 4;
	assert_int_equal(pwrite(fd, bytes, (size_t)len, 0), len);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void a_changed_file_is_noticed_by_its_time(void **state)
{
	(void)state;
	for (unsigned crashed = 0; crashed < 2; crashed++) {
		struct store *s;

		make_epochs();
		if (crashed)
			assert_int_equal(start_and_die(), 0);
		harm("epochs/00000003", HARM_ZERO_SOME);
		s = open_store();
		assert_true(exists("epochs/00000003.damaged"));
		assert_row(s, 150, STATUS_NOT_FOUND);
		assert_row(s, 200, STATUS_OK);
		store_close(s);
		remove_folder(NULL);
		make_folder(NULL);
	}
}

static void what_rots_in_silence_is_found_after_two_crashes(void **state)
{
	struct store *s;

	(void)state;
	make_epochs();
	rot("epochs/00000002", 70);
	assert_int_equal(start_and_die(), 0);
	assert_int_equal(start_and_die(), 0);
	assert_false(exists("epochs/00000002.damaged"));
	s = open_store();
	assert_true(exists("epochs/00000002.damaged"));
	assert_row(s, 50, STATUS_OK);
	assert_row(s, 150, STATUS_OK);
	store_close(s);
}

static void numbers_of_a_lost_newest_epoch_are_not_given_again(void **state)
{
	struct delivery d = { .path = span_of_text("s/x") };
	uint64_t alert;

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		struct store *s;
		struct row r = row_of(1);

		make_epochs();
		forget_the_clean_stop();
		harm("epochs/00000004", HARM_ZERO_ALL);
		s = open_store();
		/* Also when the next start finds no trace but the name. */
		if (round == 1) {
			store_close(s);
			s = open_store();
		}
		assert_row(s, 150, STATUS_OK);
		assert_row(s, 151, STATUS_NOT_FOUND);
		assert_int_equal(store_begin(s, 1), STATUS_OK);
		assert_int_equal(store_put(s, &r), STATUS_OK);
		assert_true(r.verdict.seq > 200);
		assert_int_equal(store_put_alert(s, &alert, r.verdict.seq, 1), STATUS_OK);
		assert_true(alert > 200);
		assert_int_equal(store_put_delivery(s, &d), STATUS_OK);
		assert_true(d.number > 200);
		assert_int_equal(store_commit(s), STATUS_OK);
		store_close(s);
		remove_folder(NULL);
		make_folder(NULL);
	}
}

static void a_lost_meta_leaves_articles_secret_and_numbers(void **state)
{
	struct consumer c = { .name = span_of_text("x"), .acked = 5 };

	(void)state;
	for (unsigned round = 0; round < HARM_COUNT; round++) {
		struct store *s;
		struct row r = row_of(1);
		uint64_t secret;

		make_epochs();
		s = open_store();
		secret = store_secret(s);
		assert_int_equal(store_put_consumer(s, &c), STATUS_OK);
		store_close(s);
		forget_the_clean_stop();
		harm("meta", round == HARM_ZERO_SOME || round == HARM_NOISE ? HARM_ZERO_ALL
									    : (enum harm)round);
		s = open_store();
		assert_true(exists("meta.damaged"));
		assert_true(store_secret(s) == secret);
		for (uint64_t seq = 1; seq <= 200; seq++)
			assert_row(s, seq, STATUS_OK);
		assert_int_equal(store_consumer(s, &c, c.name), STATUS_NOT_FOUND);
		assert_int_equal(store_begin(s, 1), STATUS_OK);
		assert_int_equal(store_put(s, &r), STATUS_OK);
		assert_int_equal(r.verdict.seq, 201);
		store_close(s);
		remove_folder(NULL);
		make_folder(NULL);
	}
}

static void leftovers_of_a_crash_are_removed(void **state)
{
	char name[128];
	struct store *s;

	(void)state;
	make_epochs();
	snprintf(name, sizeof name, "%s/epochs/00000005.new", folder);
	assert_int_equal(mkdir(name, 0700), 0);
	snprintf(name, sizeof name, "%s/epochs/00000000.expired", folder);
	assert_int_equal(mkdir(name, 0700), 0);
	snprintf(name, sizeof name, "%s/epochs/00000009.expired", folder);
	assert_int_equal(mkdir(name, 0700), 0);
	s = open_store();
	assert_false(exists("epochs/00000005.new"));
	assert_false(exists("epochs/00000009.expired"));
	assert_row(s, 200, STATUS_OK);
	store_close(s);
}

static void another_format_is_refused_and_left_alone(void **state)
{
	struct store_options o = options();
	struct store *s = NULL;
	char name[128];
	FILE *f;

	(void)state;
	make_epochs();
	snprintf(name, sizeof name, "%s/format", folder);
	f = fopen(name, "w");
	assert_non_null(f);
	fputs("reprint state 999\n", f);
	fclose(f);
	assert_int_equal(store_open(&s, &o), STATUS_VERSION);
	f = fopen(name, "w");
	assert_non_null(f);
	fputs("nonsense", f);
	fclose(f);
	assert_int_equal(store_open(&s, &o), STATUS_DAMAGED);
	f = fopen(name, "w");
	assert_non_null(f);
	fprintf(f, "reprint state %d\n", STORE_FORMAT);
	fclose(f);
	s = open_store();
	assert_row(s, 200, STATUS_OK);
	store_close(s);
}

static void a_second_daemon_is_refused(void **state)
{
	struct store_options o = options();
	struct store *s = open_store(), *second = NULL;

	(void)state;
	assert_int_equal(store_open(&second, &o), STATUS_BUSY);
	store_close(s);
	s = open_store();
	store_close(s);
}

/* ---- death ---------------------------------------------------------------------------------- */

static void commit_for_ever(int report)
{
	struct store_options o = options();
	struct store *s;

	o.sync = true;
	if (store_open(&s, &o) != STATUS_OK)
		_exit(1);
	for (uint64_t from = 1;; from += 5) {
		uint64_t expired, last = from + 4;

		if (put_rows(s, from, last, (int64_t)from * 100) != STATUS_OK ||
		    syscall(SYS_write, report, &last, sizeof last) != sizeof last ||
		    store_age(s, (int64_t)from * 100, &expired) != STATUS_OK)
			_exit(1);
	}
}

static void a_killed_process_leaves_every_batch_it_reported(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 5; round++) {
		uint64_t last = 0, next;
		struct store_totals t;
		struct store *s;
		int report[2];
		pid_t child;

		assert_int_equal(pipe(report), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			close(report[0]);
			commit_for_ever(report[1]);
		}
		close(report[1]);
		/* Any moment will do: it dies while it commits, rotates or does neither. */
		while (last < 30 * (round + 1) &&
		       read(report[0], &next, sizeof next) == sizeof next)
			last = next;
		kill(child, SIGKILL);
		while (read(report[0], &next, sizeof next) == sizeof next)
			last = next;
		close(report[0]);
		waitpid(child, NULL, 0);
		s = open_store();
		assert_true(last >= 30 * (round + 1));
		store_totals(s, &t);
		assert_true(t.newest_seq == last || t.newest_seq == last + 5);
		assert_true(t.alerts == t.newest_seq && t.newest_delivery == t.newest_seq);
		for (uint64_t seq = 1; seq <= t.newest_seq; seq++)
			assert_row(s, seq, STATUS_OK);
		store_close(s);
		remove_folder(NULL);
		make_folder(NULL);
	}
}

static void a_process_that_stops_without_a_word_loses_nothing_and_leaves_no_lock(void **state)
{
	int how;
	pid_t child;
	struct store *s;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		s = open_store();
		_exit(put_rows(s, 1, 20, 1) == STATUS_OK ? 0 : 1);
	}
	waitpid(child, &how, 0);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	s = open_store();
	for (uint64_t seq = 1; seq <= 20; seq++)
		assert_row(s, seq, STATUS_OK);
	store_close(s);
}

/* ---- a full disk ---------------------------------------------------------------------------- */

static void a_full_disk_refuses_the_batch_and_nothing_else(void **state)
{
	struct store *s = open_store();
	unsigned refused = 0;
	uint64_t rows = 10;

	(void)state;
	assert_int_equal(put_rows(s, 1, rows, 1), STATUS_OK);
	for (size_t room = 0; room < 400000; room += 1 + room / 3) {
		enum status st;

		disk_full = true;
		disk_left = room;
		st = put_rows(s, rows + 1, rows + 20, 1);
		disk_full = false;
		assert_true(st == STATUS_OK || st == STATUS_NO_SPACE);
		refused += st != STATUS_OK;
		rows += st == STATUS_OK ? 20 : 0;
		for (uint64_t seq = 1; seq <= rows; seq++)
			assert_row(s, seq, STATUS_OK);
		assert_row(s, rows + 1, STATUS_NOT_FOUND);
	}
	assert_true(refused > 10 && rows > 10);
	assert_int_equal(put_rows(s, rows + 1, rows + 20, 1), STATUS_OK);
	store_close(s);
	s = open_store();
	for (uint64_t seq = 1; seq <= rows + 20; seq++)
		assert_row(s, seq, STATUS_OK);
	store_close(s);
}

static void a_commit_that_fails_on_its_last_page_can_be_tried_again(void **state)
{
	struct store *s = open_store();
	uint64_t rows = 0;

	(void)state;
	for (unsigned round = 0; round < 5; round++) {
		last_page_fails = true;
		assert_int_not_equal(put_rows(s, rows + 1, rows + 20, 1), STATUS_OK);
		assert_int_not_equal(put_rows(s, rows + 1, rows + 20, 1), STATUS_OK);
		last_page_fails = false;
		assert_row(s, rows + 1, STATUS_NOT_FOUND);
		assert_int_equal(put_rows(s, rows + 1, rows + 20, 1), STATUS_OK);
		rows += 20;
		for (uint64_t seq = 1; seq <= rows; seq++)
			assert_row(s, seq, STATUS_OK);
	}
	store_close(s);
	s = open_store();
	for (uint64_t seq = 1; seq <= rows; seq++)
		assert_row(s, seq, STATUS_OK);
	store_close(s);
}

static void ageing_on_a_full_disk_can_be_tried_again(void **state)
{
	struct store *s = open_store();
	unsigned refused = 0;
	uint64_t expired, rows = 0;

	(void)state;
	for (size_t room = 0; room < 200000; room += 2000) {
		enum status st;

		assert_int_equal(put_rows(s, rows + 1, rows + 3, (int64_t)rows * 20000), STATUS_OK);
		rows += 3;
		disk_full = true;
		disk_left = room;
		st = store_age(s, (int64_t)rows * 20000, &expired);
		disk_full = false;
		refused += st == STATUS_NO_SPACE;
		assert_true(st == STATUS_OK || st == STATUS_NO_SPACE);
	}
	assert_true(refused > 3);
	assert_int_equal(store_age(s, (int64_t)rows * 30000, &expired), STATUS_OK);
	for (uint64_t seq = 1; seq <= rows; seq++)
		assert_row(s, seq, STATUS_OK);
	store_close(s);
	s = open_store();
	for (uint64_t seq = 1; seq <= rows; seq++)
		assert_row(s, seq, STATUS_OK);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		IN_FOLDER(a_damaged_epoch_is_set_aside_and_the_rest_serves),
		IN_FOLDER(what_a_killed_process_wrote_is_trusted_until_the_machine_starts_anew),
		IN_FOLDER(a_new_name_is_on_the_disk_before_anything_is_kept_under_it),
		IN_FOLDER(an_epoch_found_damaged_while_it_serves_is_told_and_can_be_set_aside),
		IN_FOLDER(after_a_clean_stop_a_cut_file_is_noticed_by_its_length),
		IN_FOLDER(a_changed_file_is_noticed_by_its_time),
		IN_FOLDER(what_rots_in_silence_is_found_after_two_crashes),
		IN_FOLDER(numbers_of_a_lost_newest_epoch_are_not_given_again),
		IN_FOLDER(a_lost_meta_leaves_articles_secret_and_numbers),
		IN_FOLDER(leftovers_of_a_crash_are_removed),
		IN_FOLDER(another_format_is_refused_and_left_alone),
		IN_FOLDER(a_second_daemon_is_refused),
		IN_FOLDER(a_killed_process_leaves_every_batch_it_reported),
		IN_FOLDER(a_process_that_stops_without_a_word_loses_nothing_and_leaves_no_lock),
		IN_FOLDER(a_full_disk_refuses_the_batch_and_nothing_else),
		IN_FOLDER(a_commit_that_fails_on_its_last_page_can_be_tried_again),
		IN_FOLDER(ageing_on_a_full_disk_can_be_tried_again),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
