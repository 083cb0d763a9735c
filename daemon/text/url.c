/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/url.h"

#include "base/bytes.h"

#include <strings.h>

/* The five parts of RFC 3986, appendix B; absent and empty are told apart. */
struct parts {
	struct span scheme, authority, path, query, fragment;
};

/* Parameters that say where a reader came from, never which page he sees. */
static const char *const tracking[] = {
	"fbclid",    "gclid",      "gclsrc",      "dclid", "gbraid",   "wbraid", "msclkid",
	"yclid",     "ysclid",     "igshid",      "igsh",  "twclid",   "ttclid", "mc_cid",
	"mc_eid",    "mkt_tok",    "_ga",         "_gl",   "_hsenc",   "_hsmi",  "vero_id",
	"li_fat_id", "oly_enc_id", "oly_anon_id", "s_cid", "wickedid", "ncid",   "ocid",
	"xtor",      "at_medium",  "at_campaign", "cmpid",
};

static const char *const leading[] = { "www.", "m.", "amp." };

/* Without the blanks at both ends; empty for an absent one. */
static struct span trimmed(struct span s)
{
	if (s.p == NULL)
		return span_of_text("");
	while (s.len > 0 && (unsigned char)s.p[0] <= ' ')
		s = span_of(s.p + 1, s.len - 1);
	while (s.len > 0 && (unsigned char)s.p[s.len - 1] <= ' ')
		s.len--;
	return s;
}

static bool begins(struct span s, const char *word)
{
	size_t len = strlen(word);

	return s.len >= len && strncasecmp(s.p, word, len) == 0;
}

/* The start of *s up to the first of `stops`, taken off *s. */
static struct span take_until(struct span *s, const char *stops)
{
	size_t n = 0;
	struct span taken;

	while (n < s->len && (s->p[n] == '\0' || strchr(stops, s->p[n]) == NULL))
		n++;
	taken = span_of(s->p, n);
	*s = span_of(s->p + n, s->len - n);
	return taken;
}

static size_t scheme_len(struct span s)
{
	size_t i = 0;

	for (; i < s.len; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (c == ':')
			return i;
		if (!letter &&
		    (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
			return 0;
	}
	return 0;
}

static struct parts split(struct span s)
{
	struct parts u = { 0 };
	size_t scheme = scheme_len(s);

	if (scheme > 0) {
		u.scheme = span_of(s.p, scheme);
		s = span_of(s.p + scheme + 1, s.len - scheme - 1);
	}
	if (begins(s, "//")) {
		s = span_of(s.p + 2, s.len - 2);
		u.authority = take_until(&s, "/?#");
	}
	u.path = take_until(&s, "?#");
	if (s.len > 0 && s.p[0] == '?') {
		s = span_of(s.p + 1, s.len - 1);
		u.query = take_until(&s, "#");
	}
	if (s.len > 0)
		u.fragment = span_of(s.p + 1, s.len - 1);
	return u;
}

static bool is_web(struct parts u)
{
	return u.authority.len > 0 && ((u.scheme.len == 4 && begins(u.scheme, "http")) ||
				       (u.scheme.len == 5 && begins(u.scheme, "https")));
}

/* The host alone: no user, no default port, none of the leading names as long as a domain stays. */
static struct span host_of(struct span authority)
{
	struct span host = authority;
	bool again = true;

	for (size_t i = 0; i < authority.len; i++)
		if (authority.p[i] == '@')
			host = span_of(authority.p + i + 1, authority.len - i - 1);
	if (host.len > 3 && memcmp(host.p + host.len - 3, ":80", 3) == 0)
		host.len -= 3;
	else if (host.len > 4 && memcmp(host.p + host.len - 4, ":443", 4) == 0)
		host.len -= 4;
	while (host.len > 0 && (host.p[host.len - 1] == '.' || host.p[host.len - 1] == ':'))
		host.len--;
	while (again) {
		again = false;
		for (size_t i = 0; i < sizeof leading / sizeof *leading; i++) {
			size_t len = strlen(leading[i]);

			if (begins(host, leading[i]) &&
			    memchr(host.p + len, '.', host.len - len) != NULL) {
				host = span_of(host.p + len, host.len - len);
				again = true;
			}
		}
	}
	return host;
}

static bool is_tracking(struct span parameter)
{
	struct span name = take_until(&parameter, "=");

	if (begins(name, "utm_"))
		return true;
	for (size_t i = 0; i < sizeof tracking / sizeof *tracking; i++)
		if (name.len == strlen(tracking[i]) && begins(name, tracking[i]))
			return true;
	return false;
}

static void put_query(struct bytes *out, struct span query)
{
	char before = '?';

	while (query.len > 0) {
		struct span parameter = take_until(&query, "&");

		if (query.len > 0)
			query = span_of(query.p + 1, query.len - 1);
		if (parameter.len == 0 || is_tracking(parameter))
			continue;
		put_u8(out, (uint8_t)before);
		put_bytes(out, parameter.p, parameter.len);
		before = '&';
	}
}

bool url_canonical(struct bytes *out, struct span url)
{
	struct parts u = split(trimmed(url));
	struct span host;

	if (!is_web(u))
		return false;
	host = host_of(u.authority);
	if (host.len == 0)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.p[i];

		put_u8(out, (uint8_t)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c));
	}
	while (u.path.len > 0 && u.path.p[u.path.len - 1] == '/')
		u.path.len--;
	put_bytes(out, u.path.p, u.path.len);
	put_query(out, u.query);
	return true;
}

/* RFC 3986, section 5.2.4, over what was appended to out from `from` on. */
static void remove_dots(struct bytes *out, size_t from)
{
	char *start = out->p + from, *to = start;
	const char *at = start, *end = out->p + out->len;

	while (at < end) {
		const char *slash = memchr(at + 1, '/', (size_t)(end - at - 1));
		const char *next = slash == NULL ? end : slash;
		struct span step = *at == '/' ? span_of(at + 1, (size_t)(next - at - 1))
					      : span_of(at, (size_t)(next - at));
		bool up = step.len == 2 && memcmp(step.p, "..", 2) == 0;
		bool here = step.len == 1 && step.p[0] == '.';

		if (up)
			while (to > start && *--to != '/')
				;
		if (!up && !here) {
			memmove(to, at, (size_t)(next - at));
			to += next - at;
		} else if (next == end) {
			*to++ = '/';
		}
		at = next;
	}
	out->len = (size_t)(to - out->p);
}

static void put_merged(struct bytes *out, struct parts base, struct span path)
{
	size_t keep = base.path.len;

	while (keep > 0 && base.path.p[keep - 1] != '/')
		keep--;
	put_bytes(out, base.path.p, keep);
	if (keep == 0)
		put_u8(out, '/');
	put_bytes(out, path.p, path.len);
}

static void put_part(struct bytes *out, char before, struct span part)
{
	if (part.p == NULL)
		return;
	put_u8(out, (uint8_t)before);
	put_bytes(out, part.p, part.len);
}

void url_resolve(struct bytes *out, struct span base, struct span reference)
{
	struct parts b = split(trimmed(base)), r = split(trimmed(reference));
	bool own_authority = r.authority.p != NULL;
	size_t path_at;

	if (r.scheme.len > 0 || b.scheme.len == 0 || b.authority.len == 0) {
		reference = trimmed(reference);
		put_bytes(out, reference.p, reference.len);
		return;
	}
	put_bytes(out, b.scheme.p, b.scheme.len);
	put_text(out, "://");
	put_bytes(out, own_authority ? r.authority.p : b.authority.p,
		  own_authority ? r.authority.len : b.authority.len);
	path_at = out->len;
	if (own_authority || (r.path.len > 0 && r.path.p[0] == '/'))
		put_bytes(out, r.path.p, r.path.len);
	else if (r.path.len > 0)
		put_merged(out, b, r.path);
	else
		put_bytes(out, b.path.p, b.path.len);
	if (!out->failed && out->len > path_at)
		remove_dots(out, path_at);
	put_part(out, '?',
		 r.path.len > 0 || own_authority || r.query.p != NULL ? r.query : b.query);
	put_part(out, '#', r.fragment);
}
