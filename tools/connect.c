/* SPDX-License-Identifier: BSD-2-Clause */
#include "connect.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES 65536u

enum status connection_open(struct connection *c, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int rc;

	*c = (struct connection){ .fd = -1 };
	if (len == 0 || len >= sizeof to.sun_path)
		return STATUS_TOO_LARGE;
	memcpy(to.sun_path, path, len);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return status_of_errno(errno);
	do
		rc = connect(c->fd, (const struct sockaddr *)&to, sizeof to);
	while (rc != 0 && errno == EINTR);
	if (rc != 0) {
		enum status st = status_of_errno(errno);

		connection_close(c);
		return st;
	}
	return STATUS_OK;
}

void connection_close(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	bytes_free(&c->in);
	c->at = 0;
}

enum status connection_send(struct connection *c, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = send(c->fd, bytes.p, bytes.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return status_of_errno(errno);
		bytes = span_of(bytes.p + n, bytes.len - (size_t)n);
	}
	return STATUS_OK;
}

static enum status read_more(struct connection *c)
{
	ssize_t n;

	if (!bytes_reserve(&c->in, READ_BYTES))
		return STATUS_NO_MEMORY;
	do
		n = recv(c->fd, c->in.p + c->in.len, READ_BYTES, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return status_of_errno(errno);
	c->in.len += (size_t)n;
	return n == 0 ? STATUS_CLOSED : STATUS_OK;
}

static const char *line_end(const struct connection *c, size_t from)
{
	return from < c->in.len ? memchr(c->in.p + from, '\n', c->in.len - from) : NULL;
}

enum status connection_line(struct connection *c, struct span *out)
{
	size_t looked = c->at;
	const char *end;

	while ((end = line_end(c, looked)) == NULL) {
		enum status st;

		looked = c->in.len - c->at;
		if (c->at > 0 && c->in.len > 0)
			memmove(c->in.p, c->in.p + c->at, c->in.len - c->at);
		c->in.len -= c->at;
		c->at = 0;
		st = read_more(c);
		if (st != STATUS_OK)
			return st;
	}
	*out = span_of(c->in.p + c->at, (size_t)(end - (c->in.p + c->at)));
	c->at += out->len + 1;
	return STATUS_OK;
}

enum status connection_bytes(struct connection *c, struct span *out, uint64_t len)
{
	size_t there;

	if (c->at == c->in.len) {
		enum status st;

		bytes_clear(&c->in);
		c->at = 0;
		st = read_more(c);
		if (st != STATUS_OK)
			return st;
	}
	there = c->in.len - c->at;
	*out = span_of(c->in.p + c->at, there < len ? there : (size_t)len);
	c->at += out->len;
	return STATUS_OK;
}

bool connection_pending(const struct connection *c)
{
	return line_end(c, c->at) != NULL;
}
