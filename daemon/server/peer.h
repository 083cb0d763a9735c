/* SPDX-License-Identifier: BSD-2-Clause */
/* peer.h - who is at the other end of a Unix socket, as the kernel says. Any thread. */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	bool member; /* gid or a supplementary group is the one asked about */
};

/* False when the kernel cannot tell; then nobody is let in. */
bool peer_of(struct peer *out, int fd, gid_t group);

/* May connect: root, the daemon's own user, members of the socket's group. */
bool peer_admitted(const struct peer *p);
/* May administer: root and the daemon's own user. */
bool peer_admin(const struct peer *p);

#endif
