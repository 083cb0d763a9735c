/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON, JSON Lines, plain text, and the quick way of reading a line against jansson's. */
#include <stdint.h>

#include <jansson.h>

#include "articles_check.h"
#include "base/bytes.h"
#include "text/flat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const json_t *object, const char *name, struct span value)
{
	const json_t *law = json_object_get(object, name);
	char number[32];

	if (json_is_string(law)) {
		check(span_equal(value, span_of(json_string_value(law), json_string_length(law))));
	} else if (json_is_integer(law) && strcmp(name, "id") == 0) {
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(law));
		check(span_equal(value, span_of_text(number)));
	} else {
		check(value.p == NULL);
	}
}

/* What flat_read() takes, jansson reads to the same values; but for U+0000, which is U+FFFD here.
 */
static void check_flat(struct span text)
{
	struct bytes scratch = { 0 };
	struct flat f;

	if (utf8_valid(text) == text.len && memmem(text.p, text.len, "\\u0000", 6) == NULL &&
	    flat_read(&f, &scratch, text)) {
		json_t *law = json_loadb(text.p, text.len, JSON_ALLOW_NUL, NULL);

		check(law != NULL);
		check_value(law, "id", f.id);
		check_value(law, "site", f.site);
		check_value(law, "url", f.url);
		check_value(law, "title", f.title);
		check_value(law, "published", f.published);
		check_value(law, "text", f.text);
		check_value(law, "html", f.html);
		json_decref(law);
	}
	bytes_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	static bool started;

	if (!started)
		text_start();
	started = true;
	text_format_of_bytes(text);
	check_flat(text);
	check_reading(text, TEXT_JSON);
	check_reading(text, TEXT_JSONL);
	check_reading(text, TEXT_PLAIN);
	return 0;
}
