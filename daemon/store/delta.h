/* SPDX-License-Identifier: BSD-2-Clause */
/* delta.h - a sequence told by what it has of another, its base: copies and literals, as in git's
 * packs and VCDIFF (RFC 3284), of units of 16 bits.
 *
 * Copies:  one after the other, each of so many literals before it, so many units, and where in the
 *          base they stand: by how far that is from where the one before ended, the literals passed
 *          over. So a word that was replaced costs its literal and one byte. What is left at the
 *          end is literals.
 * Thread:  one user of a delta_finder at a time; all else is pure.
 * Errors:  copies from the disk are hostile: they are measured before they are followed. */
#ifndef STORE_DELTA_H
#define STORE_DELTA_H

#include <reprint/span.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;

#define DELTA_BASE_MAX 8192u /* units of a base that are looked at */

struct delta_finder {
	uint16_t places[4096]; /* by the hash of the units there, plus one */
};

/* Appends copies to copies->p and the literals to literals[], which has room for count; returns how
 * many those are. */
size_t delta_make(struct delta_finder *f, struct bytes *copies, uint16_t *literals,
		  const uint16_t *own, size_t count, const uint16_t *base, size_t base_count);

/* How many literals count units need beside these copies; SIZE_MAX: no such copies can be. */
size_t delta_literals(struct span copies, size_t count, size_t base_count);
/* The count units; the copies and their literals as measured. */
void delta_apply(uint16_t *own, size_t count, struct span copies, const uint16_t *literals,
		 const uint16_t *base);

#endif
