/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/gunzip.h"

#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/bytes.h"

/* The largest window, and a gzip header is expected. */
#define GZIP_ONLY (MAX_WBITS + 16)
#define STEP_BYTES 65536u

struct gunzip {
	z_stream z;
	bool between;  /* members: nothing or the next header follows */
	bool finished; /* zero padding after the last member: the rest is ignored */
};

static enum status status_of_zlib(int rc)
{
	return rc == Z_MEM_ERROR ? STATUS_NO_MEMORY : STATUS_MALFORMED;
}

enum status gunzip_open(struct gunzip **out)
{
	struct gunzip *g = calloc(1, sizeof *g);

	if (g == NULL)
		return STATUS_NO_MEMORY;
	if (inflateInit2(&g->z, GZIP_ONLY) != Z_OK) {
		free(g);
		return STATUS_NO_MEMORY;
	}
	*out = g;
	return STATUS_OK;
}

void gunzip_close(struct gunzip *g)
{
	if (g == NULL)
		return;
	inflateEnd(&g->z);
	free(g);
}

/* Tapes and some writers pad with zeros; gzip(1) ignores them, and so do we. */
static void skip_padding(struct gunzip *g, struct span *in)
{
	while (in->len > 0 && in->p[0] == 0) {
		*in = span_of(in->p + 1, in->len - 1);
		g->finished = true;
	}
}

enum status gunzip_step(struct gunzip *g, char *out, size_t room, size_t *out_len, struct span *in,
			bool *out_end)
{
	size_t len = in->len > UINT_MAX ? UINT_MAX : in->len;
	int rc;

	*out_len = 0;
	room = room > UINT_MAX ? UINT_MAX : room;
	if (g->between)
		skip_padding(g, in);
	if (g->between && in->len > 0) {
		if (g->finished || inflateReset(&g->z) != Z_OK)
			return STATUS_MALFORMED;
		g->between = false;
		len = in->len > UINT_MAX ? UINT_MAX : in->len;
	}
	if (!g->between) {
		g->z.next_in = (Bytef *)(uintptr_t)in->p; /* zlib does not write there */
		g->z.avail_in = (uInt)len;
		g->z.next_out = (Bytef *)out;
		g->z.avail_out = (uInt)room;
		rc = inflate(&g->z, Z_NO_FLUSH);
		*out_len = room - g->z.avail_out;
		*in = span_of(in->p + (len - g->z.avail_in), in->len - (len - g->z.avail_in));
		if (rc == Z_STREAM_END)
			g->between = true;
		else if (rc != Z_OK && rc != Z_BUF_ERROR)
			return status_of_zlib(rc);
	}
	*out_end = g->between && in->len == 0;
	return STATUS_OK;
}

static enum status expand(struct bytes *out, struct gunzip *g, struct span in, size_t max_bytes)
{
	size_t total = 0, len = 1;
	bool end = false;
	enum status st;

	/* With no input left, go on as long as output still comes: zlib may hold some back. */
	while (!end && (in.len > 0 || len > 0)) {
		/* One byte more than allowed, so that "exactly at the bound" can be told. */
		size_t room = max_bytes - total < STEP_BYTES ? max_bytes - total + 1 : STEP_BYTES;

		if (!bytes_reserve(out, room))
			return STATUS_NO_MEMORY;
		st = gunzip_step(g, out->p + out->len, room, &len, &in, &end);
		if (st != STATUS_OK)
			return st;
		if (len > max_bytes - total)
			return STATUS_TOO_LARGE;
		total += len;
		out->len += len;
	}
	return end ? STATUS_OK : STATUS_MALFORMED;
}

bool gunzip_knows(struct span in)
{
	return in.len > 2 && memcmp(in.p, "\x1f\x8b", 2) == 0;
}

enum status gunzip(struct bytes *out, struct span in, size_t max_bytes)
{
	struct gunzip *g;
	enum status st = gunzip_open(&g);

	if (st != STATUS_OK)
		return st;
	st = expand(out, g, in, max_bytes);
	gunzip_close(g);
	return st;
}
