/* SPDX-License-Identifier: BSD-2-Clause */
/* connect.h - the CLI's end of the control socket: requests out, reply lines in. Blocking. */
#ifndef TOOLS_CONNECT_H
#define TOOLS_CONNECT_H

#include "base/bytes.h"
#include <reprint/status.h>

struct connection {
	int fd;
	struct bytes in;
	size_t at; /* used up to here */
};

/* A status for errno of connect(): NOT_FOUND, DENIED, CLOSED (nobody listens). */
enum status connection_open(struct connection *c, const char *path);
void connection_close(struct connection *c);

/* All of it, or CLOSED: then a reply may still be waiting that says why. */
enum status connection_send(struct connection *c, struct span bytes);
/* The next line without its end; valid until the next call. CLOSED: the daemon ended. */
enum status connection_line(struct connection *c, struct span *out);
/* So many bytes that follow a line, in pieces: at most len are given, at least one. */
enum status connection_bytes(struct connection *c, struct span *out, uint64_t len);
/* Another whole line has come already. */
bool connection_pending(const struct connection *c);

#endif
