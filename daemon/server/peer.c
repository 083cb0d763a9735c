/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/peer.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_MAX 65536u /* NGROUPS_MAX of the kernel */

/* SO_PEERGROUPS (Linux 4.13): the supplementary groups at the time of connect. */
static bool in_groups(int fd, gid_t group)
{
	gid_t few[64], *groups = few;
	socklen_t len = sizeof few;
	bool found = false;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0) {
		if (len <= sizeof few || len > GROUPS_MAX * sizeof(gid_t))
			return false;
		groups = malloc(len);
		if (groups == NULL)
			return false;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
			len = 0;
	}
	for (size_t i = 0; i < len / sizeof(gid_t) && !found; i++)
		found = groups[i] == group;
	if (groups != few)
		free(groups);
	return found;
}

bool peer_of(struct peer *out, int fd, gid_t group)
{
	struct ucred cred;
	socklen_t len = sizeof cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0 || len != sizeof cred)
		return false;
	*out = (struct peer){ .uid = cred.uid, .gid = cred.gid, .pid = cred.pid };
	out->member = cred.gid == group || in_groups(fd, group);
	return true;
}

bool peer_admitted(const struct peer *p)
{
	return peer_admin(p) || p->member;
}

bool peer_admin(const struct peer *p)
{
	return p->uid == 0 || p->uid == geteuid();
}
