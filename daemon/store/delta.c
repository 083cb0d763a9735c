/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/delta.h"

#include "base/bytes.h"

#define HASHED 4u        /* units */
#define HERE_MIN 3u      /* units worth a copy where the one before ended */
#define ELSEWHERE_MIN 5u /* and where its place has to be told */

/* The first byte of a copy: a bit, then the literals before it and the units less one, as far as
 * they fit; the rest of each follows as a varint, then the jump. */
#define JUMPS 0x80u
#define LITERALS_SHIFT 4u
#define LITERALS_MAX 7u
#define UNITS_MAX 15u

struct copy {
	size_t literals; /* before it */
	size_t units;
	int64_t jump;
};

/* ---- copies --------------------------------------------------------------------------------- */

static void put_copy(struct bytes *b, const struct copy *c)
{
	size_t literals = c->literals < LITERALS_MAX ? c->literals : LITERALS_MAX;
	size_t units = c->units - 1 < UNITS_MAX ? c->units - 1 : UNITS_MAX;

	put_u8(b, (uint8_t)((c->jump != 0 ? JUMPS : 0) | literals << LITERALS_SHIFT | units));
	if (literals == LITERALS_MAX)
		put_varint(b, c->literals - LITERALS_MAX);
	if (units == UNITS_MAX)
		put_varint(b, c->units - 1 - UNITS_MAX);
	if (c->jump != 0)
		put_zigzag(b, c->jump);
}

static size_t take_more(struct cursor *from)
{
	uint64_t more = take_varint(from);

	from->failed |= more > UINT32_MAX;
	return (size_t)more;
}

static struct copy take_copy(struct cursor *from)
{
	unsigned first = take_u8(from);
	struct copy c = { .literals = first >> LITERALS_SHIFT & LITERALS_MAX,
			  .units = (first & UNITS_MAX) + 1 };

	if (c.literals == LITERALS_MAX)
		c.literals += take_more(from);
	if (c.units == UNITS_MAX + 1)
		c.units += take_more(from);
	if ((first & JUMPS) != 0)
		c.jump = take_zigzag(from);
	return c;
}

/* ---- making --------------------------------------------------------------------------------- */

static size_t place_of(const uint16_t *units)
{
	uint64_t word;

	memcpy(&word, units, sizeof word);
	return (size_t)(word * UINT64_C(0x9e3779b97f4a7c15) >> 52);
}

/* Every second place, of which what is long enough has one. What stands at several places is found
 * at the first. */
static void learn(struct delta_finder *f, const uint16_t *base, size_t count)
{
	memset(f->places, 0, sizeof f->places);
	for (size_t i = count < HASHED ? 0 : (count - HASHED + 2) / 2; i-- > 0;)
		f->places[place_of(base + 2 * i)] = (uint16_t)(2 * i + 1);
}
_Static_assert(ELSEWHERE_MIN > HASHED, "it has a second place");

struct sides {
	const uint16_t *own, *base;
	size_t count, base_count;
};

/* How many units are the same from there on. */
static size_t same(const struct sides *s, size_t at, size_t place)
{
	size_t n = 0;

	while (at + n < s->count && place + n < s->base_count &&
	       s->own[at + n] == s->base[place + n])
		n++;
	return n;
}

/* Units that the base has somewhere, with up to `back` of those before them; 0: too few. */
static size_t elsewhere(const struct delta_finder *f, const struct sides *s, size_t *at,
			size_t *place, size_t back)
{
	size_t found = s->count - *at < HASHED ? 0 : f->places[place_of(s->own + *at)], n, before;

	if (found == 0)
		return 0;
	n = same(s, *at, --found);
	if (n < HASHED)
		return 0;
	for (before = 0; before < back && before < found; before++)
		if (s->own[*at - before - 1] != s->base[found - before - 1])
			break;
	if (n + before < ELSEWHERE_MIN)
		return 0;
	*at -= before;
	*place = found - before;
	return n + before;
}

size_t delta_make(struct delta_finder *f, struct bytes *copies, uint16_t *literals,
		  const uint16_t *own, size_t count, const uint16_t *base, size_t base_count)
{
	struct sides s = { own, base, count,
			   base_count < DELTA_BASE_MAX ? base_count : DELTA_BASE_MAX };
	size_t made = 0, from = 0, expected = 0; /* literals; the first since a copy; its place */

	learn(f, base, s.base_count);
	for (size_t at = 0; at < count;) {
		size_t start = at, place = expected + (at - from), n = same(&s, at, place);

		if (n < HERE_MIN)
			n = elsewhere(f, &s, &start, &place, at - from);
		if (n == 0) {
			literals[made++] = own[at++];
			continue;
		}
		made -= at - start;
		put_copy(copies,
			 &(struct copy){ start - from, n,
					 (int64_t)place - (int64_t)(expected + (start - from)) });
		at = from = start + n;
		expected = place + n;
	}
	return made;
}

/* ---- following ------------------------------------------------------------------------------ */

size_t delta_literals(struct span copies, size_t count, size_t base_count)
{
	struct cursor from = cursor_of(copies);
	size_t literals = 0, left = count, place = 0;

	while (from.p != from.end) {
		struct copy c = take_copy(&from);

		if (from.failed || c.literals > left || c.units > left - c.literals)
			return SIZE_MAX;
		left -= c.literals + c.units;
		literals += c.literals;
		place += c.literals;
		if (c.jump < 0 ? -(uint64_t)c.jump > place : (uint64_t)c.jump > base_count)
			return SIZE_MAX;
		place += (size_t)c.jump;
		if (c.units > base_count || place > base_count - c.units)
			return SIZE_MAX;
		place += c.units;
	}
	return literals + left;
}

void delta_apply(uint16_t *own, size_t count, struct span copies, const uint16_t *literals,
		 const uint16_t *base)
{
	struct cursor from = cursor_of(copies);
	uint16_t *end = own + count;
	size_t place = 0;

	while (from.p != from.end) {
		struct copy c = take_copy(&from);

		memcpy(own, literals, c.literals * sizeof *own);
		own += c.literals;
		literals += c.literals;
		place += c.literals + (size_t)c.jump;
		memcpy(own, base + place, c.units * sizeof *own);
		own += c.units;
		place += c.units;
	}
	memcpy(own, literals, (size_t)(end - own) * sizeof *own);
}
