/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "local.h"
#include "print.h"
#include "wire/json.h"

/* One article a line, the keys of the contract. */
static void put_json(struct bytes *out, const struct local_file *f, const struct article *a)
{
	struct bytes id = { 0 };
	struct json j = json_of(out);

	local_put_id(&id, f, a);
	json_open(&j, '{');
	json_put_text(&j, "file", span_of_text(f->path));
	json_put_text(&j, "id", bytes_span(&id));
	json_put_text(&j, "site", article_view(a, a->site));
	json_put_text(&j, "title", article_view(a, a->title));
	json_put_text(&j, "published", article_view(a, a->published));
	json_put_text(&j, "text", article_view(a, a->text));
	json_close(&j, '}');
	put_u8(out, '\n');
	bytes_free(&id);
}

static bool print(const struct cli *cli, const struct local_file *f)
{
	struct bytes out = { 0 };
	bool first = true, ok;

	for (const struct article *a = articles_first(&f->articles); a != NULL;
	     a = articles_next(&f->articles, a), first = false) {
		struct span text = article_view(a, a->text);

		if (cli->json) {
			put_json(&out, f, a);
			continue;
		}
		if (!first)
			put_text(&out, "\n");
		if (isatty(STDOUT_FILENO))
			print_into(&out, text);
		else
			put_bytes(&out, text.p, text.len);
	}
	ok = !out.failed && (out.len == 0 || fwrite(out.p, 1, out.len, stdout) == out.len);
	bytes_free(&out);
	return ok;
}

int local_text(const struct cli *cli, int argc, char **argv)
{
	struct local_file f = { 0 };
	size_t count, failed;
	struct local_path *paths;
	int code = CLI_OK;

	if (argc < 2)
		return cli_fail("text", "no file; reprint text FILE...");
	text_start();
	paths = local_expand(argv + 1, argc - 1, &count, &failed);
	if (failed > 0)
		code = CLI_ERROR;
	for (size_t i = 0; i < count; i++) {
		if (!local_read_found(&f, &paths[i]) || f.refused)
			code = CLI_ERROR;
		if (!print(cli, &f))
			code = CLI_ERROR;
		if (ferror(stdout))
			break;
	}
	local_free(&f);
	local_free_paths(paths, count);
	return code;
}
