/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/command.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/client.h"
#include "wire/reply.h"

#define ANYONE false
#define ADMIN true

static const struct command commands[] = {
#define COMMAND_LOOP(name, who, help) { #name, who, name##_begin, NULL, help },
#define COMMAND_LANE(name, who, help) { #name, who, NULL, name##_slice, help },
#include "server/commands.def"
#undef COMMAND_LOOP
#undef COMMAND_LANE
};

const struct command *command_at(size_t i)
{
	return i < sizeof commands / sizeof commands[0] ? &commands[i] : NULL;
}

static const struct command *command_named(struct span name)
{
	const struct command *c;

	for (size_t i = 0; (c = command_at(i)) != NULL; i++)
		if (span_equal(name, span_of_text(c->name)))
			return c;
	return NULL;
}

static void refuse_unknown(struct call *c, struct span name)
{
	char message[160];

	snprintf(message, sizeof message, "%.*s: not a command; \"help\" lists them",
		 (int)(name.len > 60 ? 60 : name.len), name.p);
	call_fail(c, "unknown", message);
}

void command_begin(struct desk *d, struct call *c)
{
	struct span name = request_command(c->request);
	const struct command *command = command_named(name);
	struct answer *a;

	if (command == NULL) {
		refuse_unknown(c, name);
		return;
	}
	if (command->admin && !peer_admin(&c->peer)) {
		log_warning("refused", "command=%s uid=%u pid=%d", command->name,
			    (unsigned)c->peer.uid, (int)c->peer.pid);
		call_fail(c, "denied", "only root and the daemon's own user may do this");
		return;
	}
	if (command->begin != NULL) {
		command->begin(d, c);
		return;
	}
	a = answers_begin(d->answers, c, command->slice);
	if (a != NULL)
		answers_ask(a);
}

void help_begin(struct desk *d, struct call *c)
{
	const struct command *command;

	(void)d;
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		struct json j = reply_open(&c->out, request_tag(c->request));

		json_put_word(&j, "cmd", command->name);
		json_put_flag(&j, "admin", command->admin);
		json_put_word(&j, "help", command->help);
		reply_close(&j);
	}
	reply_ok(&c->out, request_tag(c->request), true);
	call_done(c);
}
