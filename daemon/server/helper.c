/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/helper.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "base/log.h"

#define ARGS_MAX 16u
#define ROOM_BYTES 65536u
#define PATIENCE_MS 600000u /* a peer that does not read for so long is given up */

struct helper {
	uv_process_t process;
	uv_pipe_t out;
	uv_timer_t patience;     /* runs while paused */
	struct helper_options o; /* its functions: NULL when nobody listens */
	unsigned open_handles;
	bool exited, drained, paused;
	int code;
	char room[ROOM_BYTES];
};

static void on_closed(uv_handle_t *handle)
{
	struct helper *h = handle->data;

	if (--h->open_handles == 0)
		free(h);
}

static void close_handles(struct helper *h)
{
	uv_close((uv_handle_t *)&h->process, on_closed);
	uv_close((uv_handle_t *)&h->out, on_closed);
	uv_close((uv_handle_t *)&h->patience, on_closed);
}

/* Both the last piece and the exit code are there, in whichever order they came. */
static void end_when_over(struct helper *h)
{
	if (!h->exited || !h->drained)
		return;
	if (h->o.ended != NULL)
		h->o.ended(h->o.ctx, h->code);
	h->o.ended = NULL;
	close_handles(h);
}

static void on_exit_of(uv_process_t *process, int64_t code, int signal)
{
	struct helper *h = process->data;

	h->exited = true;
	h->code = signal != 0 ? -1 : (int)code;
	end_when_over(h);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct helper *h = handle->data;

	(void)suggested;
	*out = uv_buf_init(h->room, sizeof h->room);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
	struct helper *h = stream->data;

	if (count > 0 && h->o.piece != NULL)
		h->o.piece(h->o.ctx, span_of(buf->base, (size_t)count));
	if (count >= 0)
		return;
	uv_read_stop(stream);
	h->drained = true;
	end_when_over(h);
}

static void on_patience(uv_timer_t *timer)
{
	struct helper *h = timer->data;

	log_warning("helper stopped", "why=its output was not read for %u s", PATIENCE_MS / 1000);
	helper_go_on(h);
	uv_process_kill(&h->process, SIGKILL);
}

void helper_pause(struct helper *h)
{
	if (h->paused || h->drained)
		return;
	h->paused = true;
	uv_read_stop((uv_stream_t *)&h->out);
	uv_timer_start(&h->patience, on_patience, PATIENCE_MS, 0);
}

void helper_go_on(struct helper *h)
{
	if (!h->paused)
		return;
	h->paused = false;
	uv_timer_stop(&h->patience);
	uv_read_start((uv_stream_t *)&h->out, on_room, on_read);
}

static enum status spawn(struct helper *h, const struct helper_options *o)
{
	static char self[] = "/proc/self/exe", name[] = "reprintd";
	char *args[ARGS_MAX] = { name };
	uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE },
					  { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
					    .data.stream = (uv_stream_t *)&h->out },
					  { .flags = UV_INHERIT_FD, .data.fd = 2 } };
	uv_process_options_t po = {
		.exit_cb = on_exit_of, .file = self, .args = args, .stdio_count = 3, .stdio = stdio
	};
	int rc;

	for (size_t i = 0; o->args[i] != NULL && i + 2 < ARGS_MAX; i++)
		args[i + 1] = (char *)(uintptr_t)o->args[i];
	rc = uv_spawn(o->loop, &h->process, &po);
	return rc == 0 ? STATUS_OK : status_of_errno(-rc);
}

enum status helper_open(struct helper **out, const struct helper_options *o)
{
	struct helper *h = calloc(1, sizeof *h);
	enum status st;

	if (h == NULL)
		return STATUS_NO_MEMORY;
	if (uv_pipe_init(o->loop, &h->out, 0) != 0) {
		free(h);
		return STATUS_NO_MEMORY;
	}
	uv_timer_init(o->loop, &h->patience);
	h->patience.data = h;
	h->out.data = h;
	h->process.data = h;
	h->open_handles = 3;
	st = spawn(h, o);
	if (st != STATUS_OK) {
		close_handles(h);
		return st;
	}
	h->o = *o;
	h->o.args = NULL;
	uv_read_start((uv_stream_t *)&h->out, on_room, on_read);
	*out = h;
	return STATUS_OK;
}

void helper_close(struct helper *h)
{
	if (h == NULL)
		return;
	h->o.piece = NULL;
	h->o.ended = NULL;
	helper_go_on(h);
	uv_process_kill(&h->process, SIGKILL);
}
