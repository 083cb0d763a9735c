/* SPDX-License-Identifier: BSD-2-Clause */
/* record.h - what the store keeps, as bytes and back. Knows no file and no LMDB.
 *
 * Format:  integers as varints unless said otherwise, spans with their length before them; shares
 *          as 16-bit fixed point. A row begins with its length and a checksum, so a piece of a row
 *          is not a row; SimHash and digest; a 32-bit count of tokens and they, raw and
 *          little-endian; then all else, to an even length. A packed row says the same in fewer
 *          bits (record_pack.h); the top bit of its first word tells it.
 * Errors:  bytes from the disk are hostile: STATUS_DAMAGED when they make no sense. What was taken
 *          is consistent: ranges in order, counts within arrays, kinds known.
 * Memory:  spans (and tokens, where the bytes lie at an even address) are views into the bytes;
 *          arrays come from the arena. Pure; any thread. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

#define RECORD_SHARE_ONE 65535.0
#define RECORD_WORD_UNITS 2  /* fingerprint.h: half words */
#define RECORD_HEAD_BYTES 8u /* u32 length of the whole, u32 checksum of what follows */
#define RECORD_PACKED UINT32_C(0x80000000)
#define RECORD_PACKED_HEAD_BYTES 4u /* the checksum, whose top bit is set */
#define RECORD_NAME_SHARED 1u       /* below a name's length: its place among the names follows */
enum record_flag {
	RECORD_DOUBLED = 1u << 0,
	RECORD_PUBLISHED = 1u << 1,
	RECORD_DATED = 1u << 2 /* `published` says when, as clock_parse() reads it */
};

struct alert;
struct arena;
struct bytes;
struct delivery;
struct glimpse;
struct rejection;
struct row;

/* Appends; b->failed is the only failure. seq is the key's, names of matches are not kept. */
void record_put_row(struct bytes *b, const struct row *row);

/* Light: all but blocks, matches and `more`. seq, of, text and the names of matches stay unset. */
enum status record_take_light(struct row *out, struct span bytes, struct arena *arena);
enum status record_take_row(struct row *out, struct span bytes, struct arena *arena);
enum status record_take_glimpse(struct glimpse *out, struct span bytes, struct arena *arena);
/* Whether length and checksum are right, of a packed row too. */
bool record_sound(struct span bytes);
/* A row as it is packed: the stamps as they are, the tokens, and all else behind them. */
#define RECORD_STAMP_BYTES 24u
struct record_parts {
	struct span stamps, tokens, rest;
	uint32_t count; /* tokens */
};
enum status record_parts_of(struct record_parts *out, struct span bytes);

/* Writes the head of what stands from `start` on, of a packed row or another. */
void record_seal(struct bytes *b, size_t start, bool packed);

void record_put_alert(struct bytes *b, const struct alert *a); /* the number is the key's */
enum status record_take_alert(struct alert *out, struct span bytes);
void record_put_delivery(struct bytes *b, const struct delivery *d);
enum status record_take_delivery(struct delivery *out, struct span bytes);
void record_put_rejection(struct bytes *b, const struct rejection *r);
enum status record_take_rejection(struct rejection *out, struct span bytes);

#endif
