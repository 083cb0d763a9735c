/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration file, and its lines as --set would have them. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct config *c, enum status st, const char *why)
{
	if (st == STATUS_USAGE && why[0] == '\0')
		abort(); /* a refusal says why */
	if (memchr(why, '\0', CONFIG_WHY_BYTES) == NULL || c->feeds == NULL || c->state == NULL)
		abort();
	if (c->threads > 1024 || c->alert_ratio < 0 || c->alert_ratio > 1)
		abort(); /* what is out of range never gets in */
}

static void set_lines(char *text)
{
	char why[CONFIG_WHY_BYTES] = "", *rest = NULL;
	struct config c;

	if (config_init(&c) != STATUS_OK)
		abort();
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		check(&c, config_set(&c, line, why), why);
	config_free(&c);
}

static void read_file(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/reprint-fuzz-XXXXXX", why[CONFIG_WHY_BYTES] = "";
	int fd = mkstemp(path);
	struct config c;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || config_init(&c) != STATUS_OK)
		abort();
	check(&c, config_read(&c, path, why), why);
	config_free(&c);
	unlink(path);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	if (text == NULL)
		abort();
	read_file(data, size);
	set_lines(text);
	free(text);
	return 0;
}
