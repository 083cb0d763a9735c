/* SPDX-License-Identifier: BSD-2-Clause */
/* A state from a hostile hand, by way of a backup: records as they are, in parcels whose sums are
 * right. What is restored is opened.
 * A record: environment (0: meta), table, length of the key, length of the value in two bytes, low
 * first, the key, the value. */
#include "base/bytes.h"
#include "base/files.h"
#include "base/log.h"
#include "store/backup.h"
#include "store/store.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAP_BYTES ((size_t)1 << 22)
#define ENVIRONMENTS 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
	struct bytes out, payload;
	struct parcel parcel; /* at hand */
	struct parcel_totals totals;
};

static void end_parcel(struct stream *s)
{
	if (s->parcel.records == 0)
		return;
	s->parcel.place = s->totals.parcels++;
	s->totals.records += s->parcel.records;
	s->totals.bytes += s->payload.len;
	parcel_put(&s->out, &s->parcel, bytes_span(&s->payload));
	put_bytes(&s->out, s->payload.p, s->payload.len);
	s->payload.len = 0;
	s->parcel.records = 0;
}

/* Returns what it took; 0: no whole record is left. */
static size_t put_record(struct stream *s, const uint8_t *p, size_t len)
{
	uint32_t environment, table;
	size_t key, value;

	if (len < 5)
		return 0;
	environment = p[0] % ENVIRONMENTS;
	table = p[1] % 16;
	key = p[2];
	value = p[3] | (size_t)p[4] << 8;
	if (len - 5 < key + value)
		return 0;
	if (environment != s->parcel.environment || table != s->parcel.table)
		end_parcel(s);
	if (s->totals.environments == 0 || environment != s->parcel.environment)
		s->totals.environments++;
	s->parcel.kind = PARCEL_RECORDS;
	s->parcel.environment = environment;
	s->parcel.table = table;
	s->parcel.records++;
	parcel_put_record(&s->payload, span_of((const char *)p + 5, key),
			  span_of((const char *)p + 5 + key, value));
	s->totals.articles += environment > 0 && table == 0;
	return 5 + key + value;
}

static int stream_of(const uint8_t *data, size_t size)
{
	struct stream s = { 0 };
	struct parcel end = { .kind = PARCEL_END };
	int fd = memfd_create("backup", MFD_CLOEXEC);
	size_t used;

	put_format(&s.out, PARCEL_FIRST_LINE, STORE_FORMAT);
	while ((used = put_record(&s, data, size)) > 0) {
		data += used;
		size -= used;
	}
	end_parcel(&s);
	end.place = s.totals.parcels;
	parcel_put_totals(&s.payload, &s.totals);
	parcel_put(&s.out, &end, bytes_span(&s.payload));
	put_bytes(&s.out, s.payload.p, s.payload.len);
	if (fd < 0 || s.out.failed || write(fd, s.out.p, s.out.len) != (ssize_t)s.out.len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	bytes_free(&s.payload);
	bytes_free(&s.out);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char state[] = "/dev/shm/reprint-fuzz-XXXXXX";
	struct backup_failure failure = { .why = "" };
	int fd = stream_of(data, size);
	struct parcel_totals totals;
	struct store *s;
	enum status st;

	log_set_level(LOG_LEVEL_ERROR - 1);
	if (mkdtemp(state) == NULL)
		abort();
	st = backup_restore(&totals, &failure, fd, state, MAP_BYTES);
	if (st != STATUS_OK && failure.why[0] == '\0')
		abort(); /* a refusal says why */
	if (st == STATUS_OK &&
	    store_open(&s, &(struct store_options){ .path = state, .map_size = MAP_BYTES }) ==
		    STATUS_OK)
		store_close(s);
	files_remove_tree(state);
	close(fd);
	return 0;
}
