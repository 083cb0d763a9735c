/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reprint/verdict.h>

enum config_kind {
	CONFIG_KIND_TEXT,
	CONFIG_KIND_DURATION,
	CONFIG_KIND_SIZE,
	CONFIG_KIND_COUNT,
	CONFIG_KIND_SHARE,
	CONFIG_KIND_FLAG,
	CONFIG_KIND_CHOICE,
	CONFIG_KIND_KINDS,
	CONFIG_KIND_LIMIT
};

struct config_row {
	const char *name;
	enum config_kind kind;
	size_t offset; /* in struct config */
	const char *standard, *unit, *help;
};

static const struct config_row rows[] = {
#define CONFIG(kind, name, standard, unit, help) \
	{ #name, CONFIG_KIND_##kind, offsetof(struct config, name), standard, unit, help },
#include "config.def"
#undef CONFIG
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const struct config_row *row_named(const char *name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* ---- values: each reader leaves *out alone when the text is not such a value
 * ---------------------- */

struct unit {
	const char *name;
	uint64_t factor;
};

static bool scaled(uint64_t *out, const char *text, const struct unit *units)
{
	char *end;
	unsigned long long n;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	while (*end == ' ')
		end++;
	for (; units->name != NULL; units++) {
		if (strcmp(end, units->name) != 0)
			continue;
		if (n > INT64_MAX / units->factor)
			return false;
		*out = n * units->factor;
		return true;
	}
	return false;
}

/* A bare number counts in `unit_ms`. */
static bool read_duration(int64_t *out, const char *text, uint64_t unit_ms)
{
	const struct unit units[] = { { "", unit_ms },   { "ms", 1 },      { "s", 1000 },
				      { "m", 60000 },    { "min", 60000 }, { "h", 3600000 },
				      { "d", 86400000 }, { NULL, 0 } };
	uint64_t ms;

	if (!scaled(&ms, text, units))
		return false;
	*out = (int64_t)ms;
	return true;
}

static bool read_size(uint64_t *out, const char *text)
{
	static const struct unit units[] = {
		{ "", 1 },          { "K", 1 << 10 },           { "KiB", 1 << 10 },
		{ "M", 1 << 20 },   { "MiB", 1 << 20 },         { "G", 1 << 30 },
		{ "GiB", 1 << 30 }, { "T", UINT64_C(1) << 40 }, { "TiB", UINT64_C(1) << 40 },
		{ NULL, 0 },
	};

	return scaled(out, text, units);
}

static bool read_limit(uint64_t *out, const char *text)
{
	static const struct unit percent[] = { { "%", 1 }, { NULL, 0 } };
	uint64_t n;

	if (!scaled(&n, text, percent))
		return read_size(out, text);
	if (n > 100)
		return false;
	*out = n | CONFIG_PERCENT;
	return true;
}

static bool read_share(double *out, const char *text)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end != '\0' || !(v >= 0.0 && v <= 1.0))
		return false;
	*out = v;
	return true;
}

static bool read_flag(bool *out, const char *text)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*out = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

/* words: "one, another or a third". */
static bool read_choice(unsigned *out, const char *text, const char *words)
{
	size_t len = strlen(text);

	for (unsigned i = 0; *words != '\0'; i++) {
		size_t word = strcspn(words, " ,");

		if (word == len && memcmp(words, text, len) == 0) {
			*out = i;
			return true;
		}
		words += word;
		words += strspn(words, ", ");
		if (strncmp(words, "or ", 3) == 0)
			words += 3;
	}
	return false;
}

static uint32_t kind_bit(const char *word)
{
	if (strcmp(word, "same_site") == 0)
		return WHY_SAME_SITE;
	if (strcmp(word, "origin") == 0)
		return WHY_ORIGIN;
	if (strcmp(word, "all") == 0)
		return WHY_ALL;
	for (unsigned k = KIND_PARTIAL; k < KIND_COUNT; k++)
		if (strcmp(word, kind_text((enum kind)k)) == 0)
			return 1u << k;
	return 0;
}

static bool read_kinds(uint32_t *out, const char *text)
{
	char copy[256], *rest = NULL;
	uint32_t kinds = 0;

	if (strlen(text) >= sizeof copy)
		return false;
	strcpy(copy, text);
	for (char *word = strtok_r(copy, " ,\t", &rest); word != NULL;
	     word = strtok_r(NULL, " ,\t", &rest)) {
		uint32_t bit = kind_bit(word);

		if (bit == 0)
			return false;
		kinds |= bit;
	}
	*out = kinds;
	return true;
}

static bool read_text(char **out, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return false;
	free(*out);
	*out = copy;
	return true;
}

/* Whether feeds names at least one root and not too many. */
static bool roots_in(const char *text)
{
	size_t count = 0;

	for (size_t len; *text != '\0'; text += len + (text[len] == ':')) {
		len = strcspn(text, ":");
		count += len > 0;
	}
	return count >= 1 && count <= CONFIG_ROOTS_MAX;
}

/* What a count or a size may be, by its key; the ranges of config.def in figures. */
static bool in_range(const struct config_row *r, uint64_t v)
{
	static const struct {
		const char *name;
		uint64_t low, high;
	} ranges[] = {
		{ "threads", 0, 1024 },
		{ "max_matches", 0, 1000000 },
		{ "batch_max", 1, 100000 },
		{ "passage_words", 1, 1000 },
		{ "max_file_bytes", 1 << 10, 1 << 30 },
		{ "map_size", 16 << 20, UINT64_C(16) << 40 },
		{ "settle_ms", 0, 3600000 },
		{ "parse_time", 100, 3600000 },
		{ "rescan_s", 1000, UINT64_C(7) * 86400000 },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (strcmp(ranges[i].name, r->name) == 0)
			return v >= ranges[i].low && v <= ranges[i].high;
	return true;
}

static bool assign(struct config *c, const struct config_row *r, const char *text)
{
	static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };
	void *at = (char *)c + r->offset;
	uint64_t n;
	int64_t ms;

	switch (r->kind) {
	case CONFIG_KIND_TEXT:
		return text[0] != '\0' && (strcmp(r->name, "feeds") != 0 || roots_in(text)) &&
		       read_text(at, text);
	case CONFIG_KIND_DURATION:
		/* settle_ms counts in milliseconds, the others in seconds, as their names say. */
		if (!read_duration(&ms, text, strcmp(r->name, "settle_ms") == 0 ? 1 : 1000) ||
		    !in_range(r, (uint64_t)ms))
			return false;
		*(int64_t *)at = ms;
		return true;
	case CONFIG_KIND_SIZE:
	case CONFIG_KIND_COUNT:
		if (!(r->kind == CONFIG_KIND_SIZE ? read_size(&n, text)
						  : scaled(&n, text, plain)) ||
		    !in_range(r, n))
			return false;
		*(uint64_t *)at = n;
		return true;
	case CONFIG_KIND_SHARE:
		return read_share(at, text);
	case CONFIG_KIND_FLAG:
		return read_flag(at, text);
	case CONFIG_KIND_CHOICE:
		return read_choice(at, text, r->unit);
	case CONFIG_KIND_KINDS:
		return read_kinds(at, text);
	case CONFIG_KIND_LIMIT:
		return read_limit(at, text);
	}
	return false;
}

static enum status set(struct config *c, const char *name, const char *value, char *why)
{
	const struct config_row *r = row_named(name);

	if (r == NULL) {
		snprintf(why, CONFIG_WHY_BYTES, "%.60s: no such key; reprintd.conf(5) lists them",
			 name);
		return STATUS_USAGE;
	}
	if (!assign(c, r, value)) {
		snprintf(why, CONFIG_WHY_BYTES, "%s = %.60s: expected %s", name, value, r->unit);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

enum status config_init(struct config *c)
{
	memset(c, 0, sizeof *c);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (!assign(c, &rows[i], rows[i].standard)) {
			config_free(c);
			return STATUS_NO_MEMORY;
		}
	}
	return STATUS_OK;
}

void config_free(struct config *c)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].kind == CONFIG_KIND_TEXT)
			free(*(char **)(void *)((char *)c + rows[i].offset));
	memset(c, 0, sizeof *c);
}

enum status config_set(struct config *c, const char *assignment, char *why)
{
	const char *equals = strchr(assignment, '=');
	char name[64];

	if (equals == NULL || (size_t)(equals - assignment) >= sizeof name) {
		snprintf(why, CONFIG_WHY_BYTES, "%.60s: expected key=value", assignment);
		return STATUS_USAGE;
	}
	memcpy(name, assignment, (size_t)(equals - assignment));
	name[equals - assignment] = '\0';
	return set(c, name, equals + 1, why);
}

struct reading {
	struct config *config;
	FILE *file;
	char *why;
	enum status st;
	int line;        /* read last */
	int failed;      /* the line of why */
	bool feeds_said; /* further lines of feeds add to it */
};

/* One line for inih, which would take what is longer than its buffer for two lines, and an indented
 * line for more of the one before. */
static char *read_line(char *out, int room, void *ctx)
{
	struct reading *r = ctx;
	const char *end;

	if (r->st != STATUS_OK || fgets(out, room, r->file) == NULL)
		return NULL;
	r->line++;
	end = strchr(out, '\n');
	if (end == NULL && !feof(r->file)) {
		snprintf(r->why, CONFIG_WHY_BYTES,
			 "longer than %d bytes; feeds may stand several times", room - 2);
		r->st = STATUS_USAGE;
		r->failed = r->line;
		strcpy(out, "?\n"); /* what inih takes for an error */
	}
	for (char *mark = strchr(out, '#'); mark != NULL; mark = strchr(mark + 1, '#'))
		if (mark > out && (mark[-1] == ' ' || mark[-1] == '\t'))
			*mark = '\0'; /* inih knows only " ;" */
	memmove(out, out + strspn(out, " \t"), strlen(out + strspn(out, " \t")) + 1);
	return out;
}

/* One more line of feeds. */
static enum status add_feeds(struct config *c, const char *more, char *why)
{
	char *joined = NULL;
	enum status st;

	if (asprintf(&joined, "%s:%s", c->feeds, more) < 0) {
		snprintf(why, CONFIG_WHY_BYTES, "%s", status_text(STATUS_NO_MEMORY));
		return STATUS_NO_MEMORY;
	}
	st = set(c, "feeds", joined, why);
	free(joined);
	return st;
}

static int read_row(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *r = ctx;

	if (section[0] != '\0' && strcmp(section, "reprintd") != 0) {
		snprintf(r->why, CONFIG_WHY_BYTES,
			 "[%.60s]: no such section; keys stand on their own", section);
		r->st = STATUS_USAGE;
	} else if (r->feeds_said && strcmp(name, "feeds") == 0) {
		r->st = add_feeds(r->config, value, r->why);
	} else {
		r->st = set(r->config, name, value, r->why);
		r->feeds_said = r->feeds_said || strcmp(name, "feeds") == 0;
	}
	r->failed = r->st == STATUS_OK ? 0 : r->line;
	return r->st == STATUS_OK;
}

enum status config_read(struct config *c, const char *path, char *why)
{
	struct reading r = { .config = c, .file = fopen(path, "re"), .why = why };
	char text[CONFIG_WHY_BYTES];
	int line = -1;

	if (r.file != NULL) {
		line = ini_parse_stream(read_line, &r, read_row, &r);
		if (ferror(r.file))
			line = -1;
	}
	if (line < 0) {
		r.st = status_of_errno(errno);
		snprintf(why, CONFIG_WHY_BYTES, "%.160s: %s", path, status_text(r.st));
	}
	if (r.file != NULL)
		fclose(r.file);
	if (line <= 0)
		return r.st;
	snprintf(text, sizeof text, "%.100s:%d: %.140s", path, line,
		 line == r.failed ? why : "expected key = value");
	memcpy(why, text, sizeof text);
	return STATUS_USAGE;
}

void config_print_defaults(void)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		printf("# %s (%s)\n#%s = %s\n\n", rows[i].help, rows[i].unit, rows[i].name,
		       rows[i].standard);
}
