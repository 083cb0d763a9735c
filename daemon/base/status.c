/* SPDX-License-Identifier: BSD-2-Clause */
#include <reprint/status.h>

#include <errno.h>

#define STATUS_TEXT(name, text) [STATUS_##name] = (text),
static const char *const texts[] = { STATUS_LIST(STATUS_TEXT) };
#undef STATUS_TEXT

const char *status_text(enum status st)
{
	return (unsigned)st < STATUS_COUNT ? texts[st] : "an unknown status";
}

enum status status_of_errno(int error)
{
	switch (error) {
	case 0:
		return STATUS_OK;
	case ENOMEM:
		return STATUS_NO_MEMORY;
	case ENOENT:
	case ENOTDIR:
		return STATUS_NOT_FOUND;
	case EEXIST:
		return STATUS_EXISTS;
	case EACCES:
	case EPERM:
		return STATUS_DENIED;
	case ENOSPC:
	case EDQUOT:
		return STATUS_NO_SPACE;
	case EMFILE:
	case ENFILE:
		return STATUS_NO_DESCRIPTORS;
	case EBUSY:
	case EAGAIN:
	case EADDRINUSE:
		return STATUS_BUSY;
	case EROFS:
		return STATUS_READ_ONLY;
	case EPIPE:
	case ECONNRESET:
	case ECONNREFUSED:
		return STATUS_CLOSED;
	case ETIMEDOUT:
		return STATUS_TIMEOUT;
	case EFBIG:
	case ENAMETOOLONG:
		return STATUS_TOO_LARGE;
	case ELOOP:
	case EISDIR:
		return STATUS_NOT_REGULAR;
	default:
		return STATUS_IO;
	}
}
