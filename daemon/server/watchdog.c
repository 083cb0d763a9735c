/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/watchdog.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "base/stats.h"
#include "server/answers.h"
#include "server/notify.h"

struct watchdog {
	uv_timer_t timer;
	struct lane_question question;
	struct answers *answers;
	struct pipeline *pipeline;
	atomic_bool answered;
	uint64_t steps; /* of the lane, at the last tick */
};

static void on_lane(const struct lane_view *lane, void *ctx)
{
	struct watchdog *w = ctx;

	(void)lane;
	atomic_store(&w->answered, true);
	answers_leave(w->answers);
}

static void ask(struct watchdog *w)
{
	atomic_store(&w->answered, false);
	answers_enter(w->answers);
	pipeline_ask(w->pipeline, &w->question);
}

static void on_timer(uv_timer_t *t)
{
	struct watchdog *w = t->data;
	uint64_t steps = stats_get(STAT_LANE_STEPS);
	bool answered = atomic_load(&w->answered);

	if (answered || steps != w->steps)
		notify_send("WATCHDOG=1");
	w->steps = steps;
	if (answered)
		ask(w);
}

static void on_closed(uv_handle_t *h)
{
	free(h->data);
}

enum status watchdog_open(struct watchdog **out, struct uv_loop_s *loop, struct answers *answers,
			  struct pipeline *pipeline, uint64_t within_us)
{
	uint64_t every_ms = within_us / 4000;
	struct watchdog *w;

	*out = NULL;
	if (within_us == 0)
		return STATUS_OK;
	w = calloc(1, sizeof *w);
	if (w == NULL)
		return STATUS_NO_MEMORY;
	w->answers = answers;
	w->pipeline = pipeline;
	w->question.fn = on_lane;
	w->question.ctx = w;
	if (uv_timer_init(loop, &w->timer) != 0) {
		free(w);
		return STATUS_NO_MEMORY;
	}
	w->timer.data = w;
	every_ms = every_ms > 0 ? every_ms : 1;
	uv_timer_start(&w->timer, on_timer, every_ms, every_ms);
	ask(w);
	*out = w;
	return STATUS_OK;
}

void watchdog_close(struct watchdog *w)
{
	if (w != NULL)
		uv_close((uv_handle_t *)&w->timer, on_closed);
}
