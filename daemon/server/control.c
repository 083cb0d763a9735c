/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/control.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "server/notify.h"

#define BACKLOG 128

struct control {
	uv_pipe_t pipe;
	struct control_options options;
	gid_t group;
	char *path; /* NULL: the socket was passed to us */
	dev_t device;
	ino_t inode;
};

static enum status address_of(struct sockaddr_un *out, const char *path)
{
	size_t len = strlen(path);

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len >= sizeof out->sun_path)
		return STATUS_TOO_LARGE;
	memcpy(out->sun_path, path, len);
	return STATUS_OK;
}

/* Clears the way for bind(): nothing there, or a socket that nobody listens on any more. */
static enum status clear_stale(const struct sockaddr_un *address)
{
	const struct sockaddr *any = (const struct sockaddr *)address;
	struct stat there;
	int fd, error;

	if (lstat(address->sun_path, &there) != 0)
		return errno == ENOENT ? STATUS_OK : status_of_errno(errno);
	if (!S_ISSOCK(there.st_mode))
		return STATUS_EXISTS;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return status_of_errno(errno);
	error = connect(fd, any, sizeof *address) == 0 ? 0 : errno;
	close(fd);
	/* A full backlog (EAGAIN) is somebody too. */
	if (error != ECONNREFUSED && error != ENOENT)
		return error == EACCES ? STATUS_DENIED : STATUS_BUSY;
	return unlink(address->sun_path) == 0 || errno == ENOENT ? STATUS_OK
								 : status_of_errno(errno);
}

static gid_t group_named(const char *name)
{
	char room[16384];
	struct group entry, *found = NULL;

	if (name == NULL || *name == '\0')
		return getegid();
	if (getgrnam_r(name, &entry, room, sizeof room, &found) == 0 && found != NULL)
		return entry.gr_gid;
	log_warning("control socket", "group=%s why=unknown, only our own group may connect", name);
	return getegid();
}

/* Of the file, once it is there: first whose, then how open. */
static enum status open_to_group(struct control *c, const char *path, const char *group)
{
	gid_t gid = group_named(group);
	struct stat there;

	if (gid != getegid() && chown(path, (uid_t)-1, gid) != 0) {
		log_warning("control socket", "group=%s why=%s, only our own group may connect",
			    group, strerror(errno));
		gid = getegid();
	}
	if (chmod(path, 0660) != 0 || stat(path, &there) != 0)
		return status_of_errno(errno);
	c->group = there.st_gid;
	c->device = there.st_dev;
	c->inode = there.st_ino;
	return STATUS_OK;
}

static enum status listen_at(struct control *c, int *out_fd)
{
	const char *path = c->options.path;
	struct sockaddr_un address;
	enum status st = address_of(&address, path);
	int fd;

	if (st == STATUS_OK)
		st = clear_stale(&address);
	if (st != STATUS_OK)
		return st;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return status_of_errno(errno);
	/* The mode of the socket is that of its file to be: no moment in which others could
	 * connect, and no umask() under the feet of other threads. */
	if (fchmod(fd, 0600) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		st = status_of_errno(errno);
		goto close_socket;
	}
	st = open_to_group(c, path, c->options.group);
	if (st == STATUS_OK && (c->path = strdup(path)) == NULL)
		st = STATUS_NO_MEMORY;
	if (st != STATUS_OK)
		goto unlink_socket;
	*out_fd = fd;
	return STATUS_OK;

unlink_socket:
	unlink(path);
close_socket:
	close(fd);
	return st;
}

static enum status take_passed(struct control *c, int fd)
{
	struct sockaddr_un address;
	socklen_t len = sizeof address;
	struct stat there;

	c->group = getegid();
	if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
	    len > offsetof(struct sockaddr_un, sun_path) && address.sun_path[0] == '/' &&
	    stat(address.sun_path, &there) == 0)
		c->group = there.st_gid;
	return STATUS_OK;
}

static void on_closed(uv_handle_t *h)
{
	struct control *c = h->data;

	free(c->path);
	free(c);
}

static void on_connection(uv_stream_t *listener, int error)
{
	struct control *c = listener->data;

	if (error != 0)
		log_warning("connection", "why=%s", uv_strerror(error));
	else
		c->options.connection(c->options.ctx, listener);
}

static void forget_file(const struct control *c)
{
	struct stat there;

	if (c->path != NULL && lstat(c->path, &there) == 0 && there.st_dev == c->device &&
	    there.st_ino == c->inode)
		unlink(c->path);
}

enum status control_open(struct control **out, const struct control_options *o)
{
	struct control *c = calloc(1, sizeof *c);
	int fd = notify_listen_fd();
	enum status st;

	if (c == NULL)
		return STATUS_NO_MEMORY;
	c->options = *o;
	c->pipe.data = c;
	st = fd >= 0 ? take_passed(c, fd) : listen_at(c, &fd);
	if (st != STATUS_OK)
		goto free_control;
	st = uv_pipe_init(o->loop, &c->pipe, 0) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
	if (st != STATUS_OK)
		goto close_socket;
	if (uv_pipe_open(&c->pipe, fd) != 0 ||
	    uv_listen((uv_stream_t *)&c->pipe, BACKLOG, on_connection) != 0) {
		control_close(c);
		return STATUS_IO;
	}
	*out = c;
	return STATUS_OK;

close_socket:
	close(fd);
	forget_file(c);
free_control:
	free(c->path);
	free(c);
	return st;
}

void control_close(struct control *c)
{
	if (c == NULL)
		return;
	forget_file(c);
	uv_close((uv_handle_t *)&c->pipe, on_closed);
}

gid_t control_group(const struct control *c)
{
	return c->group;
}
