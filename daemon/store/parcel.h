/* SPDX-License-Identifier: BSD-2-Clause */
/* parcel.h - the pieces of a backup: a header of fixed size, then records. Knows no file.
 *
 * Stream:  a line "reprint backup N" with the format of the state in it, then parcels. Each says
 *          where it stands in the stream, what it holds, how long it is and the XXH3-128 of that,
 *          and has a checksum of its own. The last is PARCEL_END, with the totals. So what is
 *          missing, changed, moved or cut is seen.
 * Records: varint length of the key, varint length of the value, key, value; in the order of the
 *          table they are of. Integers are little-endian.
 * Errors:  every byte is hostile: STATUS_DAMAGED. Pure; any thread. */
#ifndef STORE_PARCEL_H
#define STORE_PARCEL_H

#include "store/store.h"

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct bytes;
struct cursor;

#define PARCEL_FIRST_LINE "reprint backup %d\n"
#define PARCEL_HEADER_BYTES 56u
#define PARCEL_PAYLOAD ((size_t)1 << 20)       /* written about so long, */
#define PARCEL_PAYLOAD_MAX ((uint64_t)1 << 32) /* longer only for one large record */

enum parcel_kind { PARCEL_RECORDS = 1, PARCEL_END = 2 };

struct parcel {
	enum parcel_kind kind;
	uint32_t environment; /* 0: meta, else the number of an epoch */
	uint32_t table;
	uint32_t records;
	uint64_t place; /* in the stream, from 0 on */
	uint64_t length;
	uint64_t hash[2];
};

/* What a stream held; the payload of PARCEL_END. */
struct parcel_totals {
	uint64_t parcels; /* before the last */
	uint64_t records, bytes;
	uint64_t environments, articles;
};

/* Appends the header; length and hash are set from the payload. */
void parcel_put(struct bytes *out, struct parcel *m, struct span payload);
/* From PARCEL_HEADER_BYTES bytes. VERSION is not told here: the first line says it. */
enum status parcel_take(struct parcel *out, struct span header, uint64_t place);
bool parcel_holds(const struct parcel *m, struct span payload);

void parcel_put_record(struct bytes *out, struct span key, struct span value);
/* False at the end, and with c->failed where it makes no sense. */
bool parcel_take_record(struct cursor *c, struct span *key, struct span *value);

void parcel_put_totals(struct bytes *out, const struct parcel_totals *t);
enum status parcel_take_totals(struct parcel_totals *out, struct span payload);

#endif
