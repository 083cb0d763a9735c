/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/pace.h"

#define SHARE 10           /* one of so many */
#define CREDIT_MAX_US 2000 /* saved up while nobody asked */
#define DEBT_MAX_US 20000  /* of one long request; more is forgiven */

static void earn(struct pace *p, int64_t now_us)
{
	p->credit_us += (now_us - p->at_us) / SHARE;
	p->at_us += (now_us - p->at_us) / SHARE * SHARE;
	if (p->credit_us > CREDIT_MAX_US)
		p->credit_us = CREDIT_MAX_US;
}

void pace_spend(struct pace *p, int64_t begun_us, int64_t now_us)
{
	earn(p, now_us);
	p->credit_us -= now_us - begun_us;
	if (p->credit_us < -DEBT_MAX_US)
		p->credit_us = -DEBT_MAX_US;
}

bool pace_over(struct pace *p, int64_t now_us)
{
	earn(p, now_us);
	return p->credit_us <= 0 && p->busy(p->ctx);
}
