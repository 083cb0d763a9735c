/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/parcel.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "fingerprint/hash.h"

#define MAGIC UINT32_C(0x4d425052) /* "RPBM" */

void parcel_put(struct bytes *out, struct parcel *m, struct span payload)
{
	size_t from = out->len;

	m->length = payload.len;
	hash_bytes_128(m->hash, payload);
	put_u32(out, MAGIC);
	put_u16(out, (uint16_t)m->kind);
	put_u16(out, (uint16_t)m->table);
	put_u32(out, m->environment);
	put_u32(out, m->records);
	put_u64(out, m->place);
	put_u64(out, m->length);
	put_u64(out, m->hash[0]);
	put_u64(out, m->hash[1]);
	if (!out->failed)
		put_u64(out, checksum_of(span_of(out->p + from, out->len - from)));
}

enum status parcel_take(struct parcel *out, struct span header, uint64_t place)
{
	struct cursor c = cursor_of(header);
	uint32_t magic = take_u32(&c);

	out->kind = (enum parcel_kind)take_u16(&c);
	out->table = take_u16(&c);
	out->environment = take_u32(&c);
	out->records = take_u32(&c);
	out->place = take_u64(&c);
	out->length = take_u64(&c);
	out->hash[0] = take_u64(&c);
	out->hash[1] = take_u64(&c);
	if (take_u64(&c) != checksum_of(span_of(header.p, PARCEL_HEADER_BYTES - 8)) || c.failed ||
	    magic != MAGIC || out->place != place || out->length > PARCEL_PAYLOAD_MAX ||
	    (out->kind != PARCEL_RECORDS && out->kind != PARCEL_END))
		return STATUS_DAMAGED;
	return STATUS_OK;
}

bool parcel_holds(const struct parcel *m, struct span payload)
{
	uint64_t hash[2];

	hash_bytes_128(hash, payload);
	return m->length == payload.len && hash[0] == m->hash[0] && hash[1] == m->hash[1];
}

void parcel_put_record(struct bytes *out, struct span key, struct span value)
{
	put_varint(out, key.len);
	put_varint(out, value.len);
	put_bytes(out, key.p, key.len);
	put_bytes(out, value.p, value.len);
}

bool parcel_take_record(struct cursor *c, struct span *key, struct span *value)
{
	uint64_t key_len, value_len;
	const char *p;

	if (c->failed || c->p == c->end)
		return false;
	key_len = take_varint(c);
	value_len = take_varint(c);
	if (c->failed || key_len > (uint64_t)(c->end - c->p) ||
	    value_len > (uint64_t)(c->end - c->p) - key_len) {
		c->failed = true;
		return false;
	}
	p = take_bytes(c, (size_t)(key_len + value_len));
	*key = span_of(p, (size_t)key_len);
	*value = span_of(p + key_len, (size_t)value_len);
	return true;
}

void parcel_put_totals(struct bytes *out, const struct parcel_totals *t)
{
	put_u64(out, t->parcels);
	put_u64(out, t->records);
	put_u64(out, t->bytes);
	put_u64(out, t->environments);
	put_u64(out, t->articles);
}

enum status parcel_take_totals(struct parcel_totals *out, struct span payload)
{
	struct cursor c = cursor_of(payload);

	out->parcels = take_u64(&c);
	out->records = take_u64(&c);
	out->bytes = take_u64(&c);
	out->environments = take_u64(&c);
	out->articles = take_u64(&c);
	return c.failed || c.p != c.end ? STATUS_DAMAGED : STATUS_OK;
}
