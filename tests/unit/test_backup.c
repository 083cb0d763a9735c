/* SPDX-License-Identifier: BSD-2-Clause */
/* A state as a stream and back. */
#include "small_state.h"

#include "store/backup.h"

static void write_stream(struct parcel_totals *t)
{
	int fd = open(stream, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct backup_failure failure;

	assert_true(fd >= 0);
	assert_int_equal(backup_write(t, &failure, fd, here, MAP_BYTES), STATUS_OK);
	close(fd);
}

static enum status restore(struct parcel_totals *t, struct backup_failure *failure)
{
	int fd = open(stream, O_RDONLY);
	enum status st;

	assert_true(fd >= 0);
	st = backup_restore(t, failure, fd, there, MAP_BYTES);
	close(fd);
	return st;
}

static void assert_state(struct store *s, uint64_t rows)
{
	static uint64_t members[ROWS];
	struct consumer c;
	struct span text;
	uint64_t oldest, newest;
	struct row got;

	for (uint64_t n = 1; n <= rows; n++) {
		struct row want = row_of(n);
		enum status st = n == 60 ? STATUS_NOT_FOUND : STATUS_OK;

		assert_int_equal(store_get(s, &got, n, arena), st);
		if (st == STATUS_OK) {
			assert_true(span_equal(got.verdict.id, want.verdict.id));
			assert_memory_equal(got.tokens, want.tokens, 1000);
			assert_int_equal(store_text(s, &text, n, arena), STATUS_OK);
			assert_true(span_equal(text, want.text));
		}
		arena_clear(arena);
	}
	assert_int_equal(store_get(s, &got, rows + 1, arena), STATUS_NOT_FOUND);
	assert_int_equal(store_cluster(s, 1, members, ROWS), rows / 2);
	store_alert_range(s, &oldest, &newest);
	assert_int_equal(oldest, 1);
	assert_int_equal(newest, rows);
	assert_int_equal(store_consumer(s, &c, span_of_text("c")), STATUS_OK);
	assert_int_equal(c.acked, 7);
	assert_int_equal(store_snapshot(s, "chrome", &oldest, &text, arena), STATUS_OK);
	assert_true(span_equal(text, span_of_text("blob")));
	arena_clear(arena);
}

/* ---- there and back ------------------------------------------------------------------------- */

static void a_restored_state_is_the_one_that_was_backed_up(void **state)
{
	struct store *s = make_state();
	uint64_t secret = store_secret(s);
	struct parcel_totals written, got;
	struct backup_failure failure;

	(void)state;
	store_close(s);
	write_stream(&written);
	assert_int_equal(restore(&got, &failure), STATUS_OK);
	assert_int_equal(written.articles, ROWS);
	assert_memory_equal(&got, &written, sizeof got);
	s = open_store(there);
	assert_true(store_secret(s) == secret);
	assert_state(s, ROWS);
	put_rows(s, ROWS + 1, ROWS + 10);
	assert_state(s, ROWS + 10);
	store_close(s);
}

static void a_backup_beside_the_daemon_holds_what_was_committed_and_stops_nothing(void **state)
{
	struct store *s = make_state();
	struct parcel_totals got;
	struct backup_failure failure;
	int pipe_ends[2], how;
	uint64_t rows = ROWS;
	pid_t child;
	FILE *out = fopen(stream, "w");
	char byte;

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	child = fork();
	if (child == 0) {
		struct backup_failure unheard;
		struct parcel_totals t;

		_exit(backup_write(&t, &unheard, pipe_ends[1], here, MAP_BYTES) == STATUS_OK ? 0
											     : 1);
	}
	close(pipe_ends[1]);
	/* It has begun, and waits for a reader while the store goes on. */
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	fputc(byte, out);
	for (; rows < ROWS + 100; rows += 10)
		put_rows(s, rows + 1, rows + 10);
	while (read(pipe_ends[0], &byte, 1) == 1)
		fputc(byte, out);
	fclose(out);
	close(pipe_ends[0]);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	assert_state(s, rows);
	store_close(s);
	assert_int_equal(restore(&got, &failure), STATUS_OK);
	assert_true(got.articles >= ROWS && got.articles % 10 == 0 && got.articles <= rows);
	s = open_store(there);
	assert_state(s, got.articles);
	store_close(s);
}

static void the_side_that_is_at_fault_is_named(void **state)
{
	int full = open("/dev/full", O_WRONLY);
	struct backup_failure failure;
	struct parcel_totals t;

	(void)state;
	assert_true(full >= 0);
	store_close(make_state());
	write_stream(&t);
	assert_int_equal(backup_write(&t, &failure, full, here, MAP_BYTES), STATUS_NO_SPACE);
	assert_true(failure.of_stream);
	assert_int_equal(backup_write(&t, &failure, full, there, MAP_BYTES), STATUS_NOT_FOUND);
	assert_false(failure.of_stream);
	close(full);
	strcat(there, "/not/there");
	assert_int_equal(restore(&t, &failure), STATUS_NOT_FOUND);
	assert_false(failure.of_stream);
	strcpy(there, stream);
	assert_int_equal(restore(&t, &failure), STATUS_EXISTS);
	assert_string_equal(failure.why, "it is no directory");
}

static void a_directory_that_is_not_empty_is_left_alone(void **state)
{
	struct parcel_totals t;
	struct backup_failure failure;

	(void)state;
	store_close(make_state());
	write_stream(&t);
	store_close(open_store(there));
	assert_int_equal(restore(&t, &failure), STATUS_EXISTS);
	assert_false(failure.of_stream);
	store_close(open_store(there));
}

/* Whatever was done to the stream, nothing is there that a daemon would take for a state. */
static void assert_refused(off_t at)
{
	struct parcel_totals t;
	struct backup_failure failure;
	char format[96];

	if (restore(&t, &failure) == STATUS_OK)
		fail_msg("accepted with harm at %lld", (long long)at);
	assert_true(*failure.why != '\0');
	snprintf(format, sizeof format, "%s/format", there);
	assert_int_not_equal(access(format, F_OK), 0);
	snprintf(format, sizeof format, "%s/epochs", there);
	assert_int_not_equal(access(format, F_OK), 0);
}

static void a_stream_that_was_changed_or_cut_anywhere_is_refused(void **state)
{
	struct parcel_totals t;
	struct stat size;
	int fd;

	(void)state;
	store_close(make_state());
	write_stream(&t);
	assert_int_equal(stat(stream, &size), 0);
	fd = open(stream, O_RDWR);
	for (off_t at = 0; at < size.st_size; at += 1 + at * 2 / 3) {
		char byte, turned;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		turned = byte ^ 0x10;
		assert_int_equal(pwrite(fd, &turned, 1, at), 1);
		assert_refused(at);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	for (off_t cut = 1; cut < size.st_size; cut *= 4) {
		assert_int_equal(ftruncate(fd, size.st_size - cut), 0);
		assert_refused(-cut);
	}
	close(fd);
}

/* One parcel with right checksums, whatever it says. */
struct lie {
	uint32_t environment, table;
	const char *keys; /* each a record's; its value is empty */
	uint32_t more;    /* records than there are */
};

static void put_lie(struct bytes *out, const struct lie *lie, struct parcel_totals *t)
{
	struct parcel p = { .kind = PARCEL_RECORDS,
			    .environment = lie->environment,
			    .table = lie->table,
			    .records = (uint32_t)strlen(lie->keys) + lie->more,
			    .place = t->parcels++ };
	struct bytes payload = { 0 };

	for (const char *key = lie->keys; *key != '\0'; key++)
		parcel_put_record(&payload, span_of(key, 1), span_of("", 0));
	parcel_put(out, &p, bytes_span(&payload));
	put_bytes(out, payload.p, payload.len);
	t->records += p.records;
	t->bytes += payload.len;
	bytes_free(&payload);
}

/* A stream of some lies is refused for this reason. */
static void assert_lies_refused(const struct lie *lies, size_t count, uint64_t environments,
				const char *tail, const char *reason)
{
	struct parcel_totals t = { .environments = environments };
	struct parcel end = { .kind = PARCEL_END };
	struct bytes out = { 0 }, payload = { 0 };
	struct backup_failure failure;

	put_format(&out, PARCEL_FIRST_LINE, STORE_FORMAT);
	for (size_t i = 0; i < count; i++)
		put_lie(&out, &lies[i], &t);
	end.place = t.parcels;
	parcel_put_totals(&payload, &t);
	parcel_put(&out, &end, bytes_span(&payload));
	put_bytes(&out, payload.p, payload.len);
	put_text(&out, tail);
	assert_int_equal(files_replace(stream, bytes_span(&out), false), STATUS_OK);
	bytes_free(&payload);
	bytes_free(&out);
	assert_int_equal(restore(&t, &failure), STATUS_DAMAGED);
	assert_true(failure.of_stream);
	if (strstr(failure.why, reason) == NULL)
		fail_msg("\"%s\", not \"%s\"", failure.why, reason);
	assert_refused(0);
}

static void a_stream_that_lies_is_refused(void **state)
{
	static const struct lie epoch_first[] = { { 1, 0, "a", 0 } };
	static const struct lie meta_twice[] = { { 0, 0, "a", 0 },
						 { 1, 1, "a", 0 },
						 { 0, 0, "b", 0 } };
	static const struct lie epoch_twice[] = {
		{ 0, 0, "a", 0 }, { 1, 1, "a", 0 }, { 2, 1, "a", 0 }, { 1, 1, "b", 0 }
	};
	static const struct lie no_number[] = { { 0, 0, "a", 0 }, { 1, 0, "a", 0 } };
	static const struct lie no_such_table[] = { { 0, 9, "a", 0 } };
	static const struct lie falling[] = { { 0, 0, "ba", 0 } };
	static const struct lie too_few[] = { { 0, 0, "ab", 1 } };
	static const struct lie senseless[] = { { 0, 0, "ab", 0 } };

	(void)state;
	assert_lies_refused(epoch_first, 1, 1, "", "not in order");
	assert_lies_refused(meta_twice, 3, 2, "", "not in order");
	assert_lies_refused(epoch_twice, 4, 3, "", "make no sense");
	assert_lies_refused(no_number, 2, 2, "", "make no sense");
	assert_lies_refused(no_such_table, 1, 1, "", "make no sense");
	assert_lies_refused(falling, 1, 1, "", "make no sense");
	assert_lies_refused(too_few, 1, 1, "", "make no sense");
	assert_lies_refused(senseless, 1, 2, "", "totals");
	assert_lies_refused(senseless, 1, 1, "more", "follows its end");
	assert_lies_refused(senseless, 1, 1, "", "not sound: meta");
}

static void what_is_no_backup_is_told_from_one_of_another_format(void **state)
{
	static const char *const others[] = { "reprint backup 1\nof 0.2.0",
					      "reprint backup 99\nand so on" };
	struct parcel_totals t;
	struct backup_failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_int_equal(files_replace(stream, span_of_text(others[i]), false), STATUS_OK);
		assert_int_equal(restore(&t, &failure), STATUS_VERSION);
	}
	assert_int_equal(files_replace(stream, span_of_text("PK\003\004 is something else"), false),
			 STATUS_OK);
	assert_int_equal(restore(&t, &failure), STATUS_DAMAGED);
	assert_string_equal(failure.why, "not a backup of reprint");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_restored_state_is_the_one_that_was_backed_up),
		IN_FOLDER(a_backup_beside_the_daemon_holds_what_was_committed_and_stops_nothing),
		IN_FOLDER(the_side_that_is_at_fault_is_named),
		IN_FOLDER(a_directory_that_is_not_empty_is_left_alone),
		IN_FOLDER(a_stream_that_was_changed_or_cut_anywhere_is_refused),
		IN_FOLDER(a_stream_that_lies_is_refused),
		IN_FOLDER(what_is_no_backup_is_told_from_one_of_another_format),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
