/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/manifest.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/files.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_LINE "reprint index 1"
#define BYTES_MAX (1u << 20)

void manifest_free(struct manifest *m)
{
	free(m->runs);
	*m = (struct manifest){ 0 };
}

enum status manifest_insert(struct manifest *m, size_t at, const struct manifest_run *run)
{
	if (m->run_count == MANIFEST_RUNS_MAX)
		return STATUS_TOO_LARGE;
	if (m->run_count == m->run_cap) {
		size_t cap = m->run_cap == 0 ? 16 : 2 * m->run_cap;
		struct manifest_run *runs = realloc(m->runs, cap * sizeof *runs);

		if (runs == NULL)
			return STATUS_NO_MEMORY;
		m->runs = runs;
		m->run_cap = cap;
	}
	memmove(&m->runs[at + 1], &m->runs[at], (m->run_count - at) * sizeof *m->runs);
	m->runs[at] = *run;
	m->run_count++;
	return STATUS_OK;
}

size_t manifest_find(const struct manifest *m, uint64_t file)
{
	size_t i = 0;

	while (i < m->run_count && m->runs[i].file != file)
		i++;
	return i;
}

void manifest_unseal_deliveries(struct manifest *m, uint64_t first, uint64_t last)
{
	if (first > 0 && first <= last && first <= m->sealed_delivery)
		m->sealed_delivery = first - 1;
}

void manifest_remove(struct manifest *m, size_t at)
{
	m->run_count--;
	memmove(&m->runs[at], &m->runs[at + 1], (m->run_count - at) * sizeof *m->runs);
}

/* With no room left the last two become one: too much is replayed rather than too little. */
void gaps_add(struct gap *gaps, size_t *count, struct gap gap)
{
	size_t i = 0, j;

	if (gap.from > gap.to)
		return;
	while (i < *count && gaps[i].to + 1 < gap.from)
		i++;
	for (j = i; j < *count && gaps[j].from <= gap.to + 1; j++) {
		gap.from = gaps[j].from < gap.from ? gaps[j].from : gap.from;
		gap.to = gaps[j].to > gap.to ? gaps[j].to : gap.to;
	}
	if (i == j && *count == MANIFEST_GAPS_MAX) {
		if (i == *count)
			i--;
		gaps[i].from = gaps[i].from < gap.from ? gaps[i].from : gap.from;
		gaps[i].to = gaps[i].to > gap.to ? gaps[i].to : gap.to;
		return;
	}
	memmove(&gaps[i + 1], &gaps[j], (*count - j) * sizeof *gaps);
	gaps[i] = gap;
	*count = *count - (j - i) + 1;
}

/* ---- as text -------------------------------------------------------------------------------- */

static enum status take_line(struct manifest *m, const char *line)
{
	struct manifest_run r;
	struct gap g;

	if (sscanf(line, "sealed %" SCNu64 " %" SCNu64, &m->sealed_seq, &m->sealed_delivery) == 2)
		return STATUS_OK;
	if (sscanf(line, "gap %" SCNu64 " %" SCNu64, &g.from, &g.to) == 2) {
		gaps_add(m->gaps, &m->gap_count, g);
		return STATUS_OK;
	}
	if (sscanf(line, "run %" SCNu64 " %" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		   &r.file, &r.level, &r.first_seq, &r.last_seq, &r.first_delivery,
		   &r.last_delivery) == 6)
		return manifest_insert(m, m->run_count, &r);
	return STATUS_MALFORMED;
}

/* The last line is a checksum of those before it. */
static char *sound_text(struct bytes *b)
{
	char *end;
	uint64_t sum;

	put_u8(b, 0);
	if (b->failed)
		return NULL;
	end = strstr(b->p, "\nsum ");
	if (end == NULL || sscanf(end, "\nsum %" SCNx64, &sum) != 1 ||
	    sum != checksum_of(span_of(b->p, (size_t)(end + 1 - b->p))))
		return NULL;
	*end = '\0';
	return b->p;
}

enum status manifest_load(struct manifest *m, const char *path)
{
	struct bytes b = { 0 };
	enum status st = files_read(&b, path, BYTES_MAX);
	char *text, *line, *rest;

	*m = (struct manifest){ 0 };
	if (st == STATUS_OK) {
		text = sound_text(&b);
		line = text == NULL ? NULL : strtok_r(text, "\n", &rest);
		st = line != NULL && strcmp(line, FIRST_LINE) == 0 ? STATUS_OK : STATUS_DAMAGED;
		while (st == STATUS_OK && (line = strtok_r(NULL, "\n", &rest)) != NULL)
			st = take_line(m, line);
	}
	bytes_free(&b);
	if (st == STATUS_OK)
		return st;
	manifest_free(m);
	if (st != STATUS_NOT_FOUND && st != STATUS_NO_MEMORY)
		log_error("index is built anew", "path=%s why=%s", path, status_text(st));
	return st == STATUS_NO_MEMORY ? st : STATUS_OK;
}

enum status manifest_save(const struct manifest *m, const char *path, bool sync)
{
	struct bytes b = { 0 };
	enum status st;

	put_text(&b, FIRST_LINE "\n");
	put_format(&b, "sealed %" PRIu64 " %" PRIu64 "\n", m->sealed_seq, m->sealed_delivery);
	for (size_t i = 0; i < m->run_count; i++)
		put_format(&b,
			   "run %" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64
			   " %" PRIu64 "\n",
			   m->runs[i].file, m->runs[i].level, m->runs[i].first_seq,
			   m->runs[i].last_seq, m->runs[i].first_delivery,
			   m->runs[i].last_delivery);
	for (size_t i = 0; i < m->gap_count; i++)
		put_format(&b, "gap %" PRIu64 " %" PRIu64 "\n", m->gaps[i].from, m->gaps[i].to);
	if (!b.failed)
		put_format(&b, "sum %016" PRIx64 "\n", checksum_of(bytes_span(&b)));
	st = b.failed ? STATUS_NO_MEMORY : files_replace(path, bytes_span(&b), sync);
	bytes_free(&b);
	return st;
}
