/* SPDX-License-Identifier: BSD-2-Clause */
/* confine.h - gives up all that a process may do but compute: no descriptor, no file system, no
 * socket, no other process, no new privilege, a bounded memory.
 *
 * Thread: of a process with one thread. */
#ifndef INGEST_CONFINE_H
#define INGEST_CONFINE_H

#include <reprint/status.h>
#include <stddef.h>

/* From here on the process has no descriptor at all; it may take memory up to memory_max bytes of
 * its own, wait on a futex, and end. Opening a file fails as if it were not there, and writing as
 * to the closed descriptor that it is; every other system call kills it with SIGSYS. UNSUPPORTED
 * where the kernel has no such filter, or the machine is none that we know. Built with a sanitizer
 * it keeps stderr, its memory is not bounded, and a call that is not allowed fails instead of
 * killing: the sanitizer has something to say. */
enum status confine(size_t memory_max);

#endif
