/* SPDX-License-Identifier: BSD-2-Clause */
/* Linked with REPRINT_FAULTS: a delivery's name can ask for what a flaw in a library would do. */
#include "reading_of.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/stats.h"
#include "ingest/confine.h"
#include "ingest/parse.h"
#include "ingest/parsers.h"

#define MAX_BYTES ((size_t)1 << 20)
#define PAGE "<html><body><article><p>One and two and three, and that is all of it.</p></article>"

struct world {
	struct parsers *parsers;
	struct articles articles;
	struct text_problem problem;
	unsigned told;
};

static int open_world(void **state)
{
	struct parsers_options o = { .count = 2, .max_bytes = MAX_BYTES, .time_ms = 400 };
	struct world *w = calloc(1, sizeof *w);

	*state = w;
	setenv("REPRINT_FAULT", "parser", 1);
	return w == NULL || parsers_open(&w->parsers, &o) != STATUS_OK;
}

/* As a careless supervisor starts it. */
static int open_world_where_children_are_ignored(void **state)
{
	int failed;

	signal(SIGCHLD, SIG_IGN);
	failed = open_world(state);
	signal(SIGCHLD, SIG_DFL);
	return failed;
}

static int close_world(void **state)
{
	struct world *w = *state;

	parsers_close(w->parsers);
	articles_free(&w->articles);
	free(w);
	return 0;
}

static void tell(void *ctx, enum status st, const struct text_problem *problem)
{
	struct world *w = ctx;

	(void)st;
	(void)problem;
	w->told++;
}

static struct parse_input input_of(const char *name, const char *bytes, size_t len)
{
	return (struct parse_input){ .bytes = span_of(bytes, len),
				     .name = span_of_text(name),
				     .delivered = true,
				     .first_line = 1,
				     .max_bytes = MAX_BYTES };
}

static enum status take(struct world *w)
{
	articles_clear(&w->articles);
	return parsers_take(w->parsers, 0, &w->articles, &w->problem, tell, w);
}

static enum status parse_one(struct world *w, const char *name, const char *bytes, size_t len)
{
	struct parse_input in = input_of(name, bytes, len);

	parsers_put(w->parsers, 0, &in);
	return take(w);
}

/* Both ways, with the same answer. */
static void assert_same(struct world *w, const char *name, const char *bytes, size_t len)
{
	struct parse_input in = input_of(name, bytes, len);
	struct articles expected = { 0 };
	struct text_problem problem = { 0, "" };
	struct bytes plain = { 0 };
	struct world here = { .told = 0 };
	enum status st = parse(&expected, &plain, &in, &problem, tell, &here);

	w->told = 0;
	assert_int_equal(parse_one(w, name, bytes, len), st);
	assert_string_equal(w->problem.why, problem.why);
	assert_int_equal(w->told, here.told);
	assert_int_equal(w->articles.count, expected.count);
	assert_int_equal(w->articles.len, expected.len);
	if (expected.len > 0)
		assert_memory_equal(w->articles.bytes, expected.bytes, expected.len);
	articles_free(&expected);
	bytes_free(&plain);
}

static void a_parser_says_what_parse_says(void **state)
{
	static const char latin[] = "<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2, "
				    "\xec\xe8\xf0, \xfd\xf2\xee \xf2\xe5\xea\xf1\xf2.</p>";
	static const char mixed[] = "{\"text\":\"a\"}\n7\n{\"html\":\"<p>b\"}\nno\n";
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03not gzip after all";

	assert_same(*state, "a.html", PAGE, strlen(PAGE));
	assert_same(*state, "a.txt", "One.\n\nTwo.\n", 11);
	assert_same(*state, "empty.txt", "", 0);
	assert_same(*state, "lines.jsonl", mixed, strlen(mixed));
	assert_same(*state, "cyrillic.html", latin, strlen(latin));
	assert_same(*state, "broken.xml", "<rss", 4);
	assert_same(*state, "broken.txt.gz", gzip, sizeof gzip);
	assert_same(*state, "what.bin", "\x7f\0\1\2", 4);
}

/* Charsets are loaded before a parser may open nothing any more. */
static void a_parser_knows_the_charsets_of_the_web(void **state)
{
	static const char *const names[] = { "shift_jis",  "euc-jp",       "gb18030",
					     "big5",       "euc-kr",       "koi8-r",
					     "iso-8859-2", "windows-1256", "iso-2022-jp",
					     "macintosh",  "iso-8859-16",  "windows-874" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char page[256];
		int len = snprintf(page, sizeof page,
				   "<meta charset='%s'><p>\xb1\xe2\xc4\xa2\xd6\xd0 text", names[i]);

		assert_same(*state, "a.html", page, (size_t)len);
	}
}

static void a_delivery_larger_than_the_ring_passes(void **state)
{
	char *text = malloc(MAX_BYTES);

	assert_non_null(text);
	for (size_t i = 0; i < MAX_BYTES; i++)
		text[i] = i % 70 == 69 ? '\n' : (char)('a' + i % 23);
	assert_same(*state, "large.txt", text, MAX_BYTES);
	free(text);
}

static size_t zip(unsigned char *out, size_t room, const char *bytes, size_t len)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)bytes,
		       .avail_in = (uInt)len,
		       .next_out = out,
		       .avail_out = (uInt)room };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

/* More problems than the delivery has bytes, and more than are told. */
static void a_packed_delivery_may_have_many_problems(void **state)
{
	static char lines[8000];
	unsigned char packed[4096];
	struct world *w = *state;
	size_t len;

	for (size_t i = 0; i + 1 < sizeof lines; i += 2)
		memcpy(lines + i, "7\n", 2);
	memcpy(lines, "{\"text\":\"a\"}\n", 14);
	len = zip(packed, sizeof packed, lines, sizeof lines);
	assert_true(len < 100);
	assert_same(w, "lines.jsonl.gz", (const char *)packed, len);
	assert_int_equal(w->told, TEXT_PROBLEMS_MAX);
}

static void put(struct world *w, const char *name)
{
	struct parse_input in = input_of(name, PAGE, strlen(PAGE));

	parsers_put(w->parsers, 0, &in);
}

static void only_the_delivery_that_kills_its_parser_is_refused(void **state)
{
	static const char *const names[] = { "a.html", "crash.html", "b.html", "lie.html",
					     "c.html" };
	struct world *w = *state;
	uint64_t lost = stats_get(STAT_PARSERS_LOST);

	for (size_t i = 0; i < 5; i++)
		put(w, names[i]);
	assert_int_equal(take(w), STATUS_OK);
	assert_int_equal(w->articles.count, 1);
	assert_int_equal(take(w), STATUS_MALFORMED);
	assert_non_null(strstr(w->problem.why, "the parser died of it (signal"));
	assert_int_equal(w->articles.count, 0);
	assert_int_equal(take(w), STATUS_OK);
	assert_int_equal(w->articles.count, 1);
	assert_int_equal(take(w), STATUS_MALFORMED);
	assert_string_equal(w->problem.why, "the parser answered nonsense to it");
	assert_int_equal(w->articles.count, 0);
	assert_int_equal(take(w), STATUS_OK);
	assert_int_equal(w->articles.count, 1);
	assert_int_equal(stats_get(STAT_PARSERS_LOST), lost + 2);
}

/* Who has taken a parser over can say what it likes. */
static void whatever_a_parser_says_beyond_its_bounds_is_nonsense(void **state)
{
	static const char *const lies[] = { "chatter.html", "boast.html",   "odd.html",
					    "mumble.html",  "unended.html", "crowd.html" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		w->told = 0;
		put(w, lies[i]);
		put(w, "a.html");
		assert_int_equal(take(w), STATUS_MALFORMED);
		assert_string_equal(w->problem.why, "the parser answered nonsense to it");
		assert_int_equal(w->articles.count, 0);
		assert_true(w->told <= TEXT_PROBLEMS_MAX);
		assert_int_equal(take(w), STATUS_OK);
		assert_int_equal(w->articles.count, 1);
	}
}

static void what_takes_too_long_is_refused(void **state)
{
	struct world *w = *state;

	put(w, "hang.html");
	put(w, "a.html");
	assert_int_equal(take(w), STATUS_TIMEOUT);
	assert_non_null(strstr(w->problem.why, "parse_time"));
	assert_int_equal(take(w), STATUS_OK);
	assert_int_equal(w->articles.count, 1);
}

/* What a process may not do once confined, each in a process of its own: true when it could. */
static bool opens_a_file(void)
{
	return open("/dev/null", O_RDONLY) >= 0;
}

static bool makes_a_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool forks(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool kills_its_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static int how_it_ends(bool (*could)(void))
{
	int how;
	pid_t pid = fork();

	if (pid == 0)
		_exit(confine((size_t)64 << 20) != STATUS_OK ? 2 : could() ? 1 : 0);
	assert_int_equal(waitpid(pid, &how, 0), pid);
	return how;
}

static bool nothing(void)
{
	return false;
}

static void a_confined_process_can_only_compute(void **state)
{
	static bool (*const powers[])(void) = { opens_a_file, makes_a_socket, forks,
						kills_its_parent, maps_code };

	(void)state;
	assert_int_equal(how_it_ends(nothing), 0);
	for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
		int how = how_it_ends(powers[i]);

		/* It fails, or the process dies of it. */
		assert_true(how == 0 || (WIFSIGNALED(how) && WTERMSIG(how) == SIGSYS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_parser_says_what_parse_says, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_parser_knows_the_charsets_of_the_web, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_delivery_larger_than_the_ring_passes, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_packed_delivery_may_have_many_problems,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(only_the_delivery_that_kills_its_parser_is_refused,
						open_world, close_world),
		{ "a_parser_that_dies_is_noticed_where_children_are_ignored",
		  only_the_delivery_that_kills_its_parser_is_refused,
		  open_world_where_children_are_ignored, close_world, NULL },
		cmocka_unit_test_setup_teardown(
			whatever_a_parser_says_beyond_its_bounds_is_nonsense, open_world,
			close_world),
		cmocka_unit_test_setup_teardown(what_takes_too_long_is_refused, open_world,
						close_world),
		cmocka_unit_test(a_confined_process_can_only_compute),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
