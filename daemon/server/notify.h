/* SPDX-License-Identifier: BSD-2-Clause */
/* notify.h - what systemd is told and what it passes: sd_notify(3) and sd_listen_fds(3) as their
 * manuals describe them, without the library.
 *
 * Without NOTIFY_SOCKET every notify_ function does nothing. Thread: any. */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

#include <stdint.h>

/* One datagram; fields are separated by line ends: "READY=1\nSTATUS=...". A failure is not worth
 * a stop and is not told. */
void notify_send(const char *state);
void notify_ready(void);     /* after start and after a reload */
void notify_reloading(void); /* READY follows */
void notify_stopping(void);
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Microseconds within which WATCHDOG=1 is expected; 0: nobody waits for it. */
uint64_t notify_watchdog_us(void);

/* The first socket that systemd passed to this process, close-on-exec; -1 when there is none. */
int notify_listen_fd(void);

#endif
