/* SPDX-License-Identifier: BSD-2-Clause */
#include "naming.h"

#include "base/bytes.h"
#include "wire/json.h"

void name_article(struct bytes *out, const struct article *a, const char *file)
{
	struct span own = article_view(a, a->id);

	if (own.p != NULL)
		put_bytes(out, own.p, own.len);
	else
		put_text(out, file);
	if (own.p == NULL && (a->flags & ARTICLE_NUMBERED) != 0)
		put_format(out, "#%u", a->ordinal);
}

void put_names(struct json *j, const struct article *a, const char *file)
{
	struct bytes id = { 0 };

	name_article(&id, a, file);
	json_put_text(j, "file", span_of_text(file));
	json_put_text(j, "id", bytes_span(&id));
	if (id.failed)
		j->out->failed = true;
	bytes_free(&id);
}
