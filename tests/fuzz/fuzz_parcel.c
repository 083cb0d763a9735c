/* SPDX-License-Identifier: BSD-2-Clause */
/* A backup from a hostile hand: a header as it is, and with its first and last bytes put right, so
 * that the fuzzer gets past them; then what follows as records and as totals. */
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/parcel.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen; /* keeps the reads */

static void use_records(struct span payload)
{
	struct cursor c = cursor_of(payload);
	struct span key, value;
	uint64_t sum = 0;

	while (parcel_take_record(&c, &key, &value)) {
		for (size_t i = 0; i < key.len; i++)
			sum += (unsigned char)key.p[i];
		for (size_t i = 0; i < value.len; i++)
			sum += (unsigned char)value.p[i];
	}
	seen = sum;
}

/* What is put comes back. */
static void use_header(const struct parcel *p, struct span payload)
{
	struct parcel there = *p, back;
	struct bytes b = { 0 };

	parcel_put(&b, &there, payload);
	if (b.failed || parcel_take(&back, bytes_span(&b), p->place) != STATUS_OK ||
	    !parcel_holds(&back, payload) || back.table != p->table)
		abort();
	bytes_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_of((const char *)data, size), payload = bytes;
	struct parcel_totals totals;
	struct parcel p;

	parcel_take_totals(&totals, bytes);
	use_records(bytes);
	if (size >= PARCEL_HEADER_BYTES) {
		char header[PARCEL_HEADER_BYTES];
		uint64_t sum;

		payload = span_of(bytes.p + PARCEL_HEADER_BYTES, size - PARCEL_HEADER_BYTES);
		parcel_take(&p, span_of(bytes.p, PARCEL_HEADER_BYTES), 0);
		memcpy(header, data, sizeof header);
		memcpy(header, "RPBM", 4);
		sum = checksum_of(span_of(header, sizeof header - 8));
		for (unsigned i = 0; i < 8; i++)
			header[sizeof header - 8 + i] = (char)(sum >> 8 * i);
		if (parcel_take(&p, span_of(header, sizeof header), 0) == STATUS_OK)
			use_header(&p, payload);
	}
	use_records(payload);
	return 0;
}
