/* SPDX-License-Identifier: BSD-2-Clause */
/* request.h - one request of a peer: {"cmd":"show","id":"a/1","tag":7} and what it asks for.
 *
 * Memory:  its own, freed with request_free(); texts are views into it.
 * Hostile: every byte; a line longer than REQUEST_LINE_MAX is never looked at.
 * Thread:  one parses and frees; any number may read at once. */
#ifndef WIRE_REQUEST_H
#define WIRE_REQUEST_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

#define REQUEST_LINE_MAX 65536u
#define REQUEST_TAG_MAX 256u
#define REQUEST_WHY 160u

struct request; /* opaque */

/* One line without its end. USAGE or MALFORMED: why[REQUEST_WHY] is a clause for the peer. */
enum status request_parse(struct request **out, char *why, struct span line);
void request_free(struct request *r); /* accepts NULL */

struct span request_command(const struct request *r); /* never absent */
struct span request_tag(const struct request *r);     /* as JSON text; absent when there is none */
uint64_t request_bytes(const struct request *r);      /* of the body that follows the line */

/* Absent (p == NULL) when the key is not there or not a text. */
struct span request_text(const struct request *r, const char *key);
/* NOT_FOUND when the key is not there, MALFORMED when it is no whole number >= 0. */
enum status request_number(const struct request *r, const char *key, uint64_t *out);
/* The same for any number, fractions too. */
enum status request_share(const struct request *r, const char *key, double *out);
bool request_flag(const struct request *r, const char *key);

#endif
