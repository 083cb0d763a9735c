/* SPDX-License-Identifier: BSD-2-Clause */
/* pace.h - how much of the loop's time peers may have while articles wait: a tenth.
 *
 * The loop reads events, too, and shares the processors with those who judge; however many ask
 * however fast, intake goes on. Who would be too much rests a moment (client.h).
 * Thread: the loop's. */
#ifndef SERVER_PACE_H
#define SERVER_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	bool (*busy)(void *ctx); /* articles wait */
	void *ctx;
	int64_t credit_us, at_us; /* so much was left then; may be below zero */
};

/* Times are of clock_monotonic_us(). Something for a peer took from begun_us to now_us. */
void pace_spend(struct pace *p, int64_t begun_us, int64_t now_us);
/* Peers have had their time: nothing more is to be begun for them now. */
bool pace_over(struct pace *p, int64_t now_us);

#endif
