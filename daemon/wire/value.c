/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/value.h"

#include <jansson.h>
#include <stdio.h>

#include "base/bytes.h"

/* The library recurses once a level, so depth is bounded before it sees the text. Brackets inside
 * of texts do not count; whether the text is JSON at all is the parser's to say. */
static bool too_deep(struct span text, unsigned max_depth)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > max_depth)
				return true;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static const json_t *json_in(const struct value *v)
{
	return (const json_t *)(const void *)v;
}

static struct value *value_around(json_t *j)
{
	return (struct value *)(void *)j;
}

enum status value_parse(struct value **out, char *why, size_t why_cap, struct span text,
			unsigned max_depth)
{
	json_error_t error;
	json_t *j;

	if (too_deep(text, max_depth)) {
		snprintf(why, why_cap, "nested more than %u deep", max_depth);
		return STATUS_MALFORMED;
	}
	j = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (j == NULL) {
		if (json_error_code(&error) == json_error_out_of_memory) {
			snprintf(why, why_cap, "%s", status_text(STATUS_NO_MEMORY));
			return STATUS_NO_MEMORY;
		}
		snprintf(why, why_cap, "not JSON: %s at byte %d", error.text, error.position);
		return STATUS_MALFORMED;
	}
	*out = value_around(j);
	return STATUS_OK;
}

void value_free(struct value *root)
{
	json_decref((json_t *)(void *)root);
}

enum value_type value_type(const struct value *v)
{
	if (v == NULL)
		return VALUE_NONE;
	switch (json_typeof(json_in(v))) {
	case JSON_OBJECT:
		return VALUE_OBJECT;
	case JSON_ARRAY:
		return VALUE_LIST;
	case JSON_STRING:
		return VALUE_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return VALUE_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return VALUE_FLAG;
	case JSON_NULL:
		break;
	}
	return VALUE_NONE;
}

const struct value *value_of(const struct value *object, const char *key)
{
	return value_type(object) == VALUE_OBJECT
		       ? value_around(json_object_get(json_in(object), key))
		       : NULL;
}

size_t value_count(const struct value *list)
{
	return value_type(list) == VALUE_LIST ? json_array_size(json_in(list)) : 0;
}

const struct value *value_at(const struct value *list, size_t i)
{
	return i < value_count(list) ? value_around(json_array_get(json_in(list), i)) : NULL;
}

struct span value_text(const struct value *v)
{
	return value_type(v) == VALUE_TEXT
		       ? span_of(json_string_value(json_in(v)), json_string_length(json_in(v)))
		       : (struct span){ NULL, 0 };
}

bool value_number(const struct value *v, uint64_t *out)
{
	json_int_t n;

	if (v == NULL || !json_is_integer(json_in(v)))
		return false;
	n = json_integer_value(json_in(v));
	if (n < 0)
		return false;
	*out = (uint64_t)n;
	return true;
}

double value_share(const struct value *v)
{
	return v == NULL ? 0 : json_number_value(json_in(v));
}

bool value_flag(const struct value *v)
{
	return v != NULL && json_is_true(json_in(v));
}

static int put_piece(const char *piece, size_t len, void *out)
{
	put_bytes(out, piece, len);
	return 0;
}

void value_put(struct bytes *out, const struct value *v)
{
	if (v == NULL ||
	    json_dump_callback(json_in(v), put_piece, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		put_text(out, "null");
}

struct span value_text_of(const struct value *object, const char *key)
{
	return value_text(value_of(object, key));
}

uint64_t value_number_of(const struct value *object, const char *key, uint64_t fallback)
{
	uint64_t n;

	return value_number(value_of(object, key), &n) ? n : fallback;
}
