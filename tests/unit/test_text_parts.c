/* SPDX-License-Identifier: BSD-2-Clause */
/* The small modules: utf8, charset, sniff, gunzip, url, date, flat. */
#include "reading_of.h"

#include <zlib.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "text/charset.h"
#include "text/date.h"
#include "text/flat.h"
#include "text/fragment.h"
#include "text/gunzip.h"
#include "text/url.h"
#include "text/utf8.h"

#include <jansson.h>

#define REPLACEMENT "\xEF\xBF\xBD"

static void assert_bytes(const struct bytes *b, const char *expected)
{
	char *text = strndup(b->len == 0 ? "" : b->p, b->len);

	assert_false(b->failed);
	assert_string_equal(text, expected);
	free(text);
}

/* The dumbest correct version: decode to a number, look whether it is a character. */
static size_t valid_slowly(const unsigned char *p, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = p[i] < 0x80           ? 1
			   : (p[i] >> 5) == 6    ? 2
			   : (p[i] >> 4) == 14   ? 3
			   : (p[i] >> 3) == 0x1E ? 4
						 : 0;
		static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
		uint32_t c = n == 1 ? p[i] : n == 0 ? 0 : p[i] & (0x7Fu >> n);

		if (n == 0 || i + n > len)
			return i;
		for (size_t k = 1; k < n; k++) {
			if ((p[i + k] >> 6) != 2)
				return i;
			c = c << 6 | (p[i + k] & 0x3Fu);
		}
		if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
			return i;
		i += n;
	}
	return len;
}

static void utf8_validity_agrees_with_decoding_it(void **state)
{
	static const unsigned char pieces[] = { 'a',  'b',  0x00, 0x7F, 0x80, 0xBF, 0xC0,
						0xC2, 0xDF, 0xE0, 0xA0, 0x9F, 0xED, 0xEF,
						0xF0, 0x90, 0x8F, 0xF4, 0xF5, 0xFF };
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		unsigned char text[40];
		size_t len = 0;

		seed = seed * 1664525 + 1013904223;
		size_t want = seed >> 27;
		while (len < want) {
			seed = seed * 1664525 + 1013904223;
			text[len++] = pieces[(seed >> 16) % sizeof pieces];
			if ((seed >> 30) == 0 && len + 3 < want) {
				memcpy(text + len, "\xE2\x82\xAC", 3);
				len += 3;
			}
		}
		assert_int_equal(utf8_valid(span_of((const char *)text, len)),
				 valid_slowly(text, len));
	}
}

static void one_bad_byte_is_found_wherever_it_stands(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'a', sizeof text);
	for (size_t from = 0; from < 8; from++)
		for (size_t at = from; at < sizeof text; at++) {
			text[at] = (char)0xFF;
			assert_int_equal(utf8_valid(span_of(text + from, sizeof text - from)),
					 at - from);
			text[at] = 'a';
			assert_int_equal(utf8_valid(span_of(text + from, at - from)), at - from);
		}
}

static void repaired_utf8_is_valid_and_keeps_the_valid_parts(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	assert_int_equal(utf8_repair(&b, span_of("a\xE2\x82z\xF0\x9F\x98\xC0\xAF", 9)), 4);
	assert_bytes(&b, "a" REPLACEMENT "z" REPLACEMENT REPLACEMENT REPLACEMENT);
	assert_int_equal(utf8_valid(bytes_span(&b)), b.len);
	bytes_free(&b);
}

static void cutting_keeps_characters_whole(void **state)
{
	struct span s = span_of_text("a\xF0\x9F\x98\x80z");

	(void)state;
	assert_int_equal(utf8_cut(s, 1).len, 1);
	assert_int_equal(utf8_cut(s, 4).len, 1);
	assert_int_equal(utf8_cut(s, 5).len, 5);
	assert_int_equal(utf8_cut(s, 99).len, 6);
}

static void names_of_any_bytes_are_spelled_and_read_back(void **state)
{
	static const char *const rows[][2] = {
		{ "plain/h\xc3\xa9.txt", "plain/h\xc3\xa9.txt" },
		{ "\xff\xfe.txt", "\\xff\\xfe.txt" },
		{ "\\xff.txt", "\\x5cxff.txt" },
		{ "a\\b\\", "a\\b\\" },
		{ "\\\xc3x", "\\\\xc3x" },
		{ "\xe6\x97", "\\xe6\\x97" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bytes spelled = { 0 }, back = { 0 };
		struct span name = span_of_text(rows[i][0]);

		utf8_spell(&spelled, name);
		utf8_unspell(&back, bytes_span(&spelled));
		assert_true(span_equal(bytes_span(&spelled), span_of_text(rows[i][1])));
		assert_true(span_equal(bytes_span(&back), name));
		assert_true(utf8_is_spelled(name) == span_equal(bytes_span(&spelled), name));
		bytes_free(&spelled);
		bytes_free(&back);
	}
}

/* Of all names of a few bytes no two are spelled alike. */
static void spelling_can_be_undone(void **state)
{
	static const char bytes[] = "\\x5cff\xff\xc3\xa9";
	size_t n = sizeof bytes - 1, all = n * n * n * n * n * n;

	(void)state;
	for (size_t number = 0; number < all; number++) {
		struct bytes spelled = { 0 }, back = { 0 };
		char name[6];
		size_t rest = number;

		for (size_t i = 0; i < sizeof name; i++, rest /= n)
			name[i] = bytes[rest % n];
		utf8_spell(&spelled, span_of(name, sizeof name));
		utf8_unspell(&back, bytes_span(&spelled));
		assert_int_equal(utf8_valid(bytes_span(&spelled)), spelled.len);
		assert_true(span_equal(bytes_span(&back), span_of(name, sizeof name)));
		bytes_free(&spelled);
		bytes_free(&back);
	}
}

static void decode(struct bytes *out, const char *p, size_t len, const char *declared,
		   bool expect_lossy)
{
	struct bytes scratch = { 0 };
	struct span text;
	bool lossy = false;

	assert_int_equal(charset_decode(&text, &scratch, span_of(p, len), span_of_text(declared),
					&lossy),
			 STATUS_OK);
	assert_int_equal(lossy, expect_lossy);
	bytes_clear(out);
	put_bytes(out, text.p, text.len);
	bytes_free(&scratch);
}

static void no_charset_gives_anything_but_utf8(void **state)
{
	static const char *const names[] = { "WCHAR_T", "ISO-10646", "CSUCS4" };
	struct bytes scratch = { 0 };
	struct span text;
	bool lossy = false;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(charset_decode(&text, &scratch,
						span_of("<p>One and two, and three.", 24),
						span_of_text(names[i]), &lossy),
				 STATUS_OK);
		assert_int_equal(utf8_valid(text), text.len);
	}
	bytes_free(&scratch);
}

static void a_byte_order_mark_beats_the_declaration(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	decode(&b, "\xEF\xBB\xBF\xC3\xA9", 5, "iso-8859-1", false);
	assert_bytes(&b, "\xC3\xA9");
	decode(&b, "\xFF\xFE<\0\xE9\0", 6, "utf-8", false);
	assert_bytes(&b, "<\xC3\xA9");
	decode(&b, "\xFE\xFF\0<\xD8\x3D\xDE\0", 8, NULL, false);
	assert_bytes(&b, "<\xF0\x9F\x98\x80");
	decode(&b, "\xFF\xFE\0\0\xE9\0\0\0", 8, NULL, false);
	assert_bytes(&b, "\xC3\xA9");
	bytes_free(&b);
}

static void a_declared_charset_is_converted(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	decode(&b, "\xCF\xF0\xE8", 3, "windows-1251", false);
	assert_bytes(&b, "\xD0\x9F\xD1\x80\xD0\xB8");
	decode(&b, "\x93\xFA\x96\x7B", 4, "Shift_JIS", false);
	assert_bytes(&b, "\xE6\x97\xA5\xE6\x9C\xAC");
	decode(&b, "caf\xE9\x80", 5, "ISO-8859-1", false);
	assert_bytes(&b, "caf\xC3\xA9\xE2\x82\xAC");
	decode(&b, "<\0\xE9\0", 4, NULL, false);
	assert_bytes(&b, "<\xC3\xA9");
	bytes_free(&b);
}

/* Labels of the WHATWG that iconv does not know, or knows as less than browsers do. */
static void the_names_that_browsers_know_are_known(void **state)
{
	static const struct {
		const char *declared, *bytes, *text;
	} labels[] = {
		{ "x-cp1251", "\xCF\xF0", "Пр" },
		{ "win-1251", "\xCF\xF0", "Пр" },
		{ "koi", "\xF0\xD2", "Пр" },
		{ "ISO-8859-6-I", "\xC8\xC7", "با" },
		{ "x-cp1256", "\x81\x8D", "پچ" },
		{ "TIS620", "\xA1\xC3", "กร" },
		{ "dos-874", "\xA1\x96", "ก–" },
		{ "GB_2312-80", "\xD6\xD0", "中" },
		{ "chinese", "\x81\x40", "丂" },
		{ "x-x-big5", "\xA4\xA4", "中" },
		{ "x-euc-jp", "\xAD\xA1", "①" },
		{ "euc-jp", "\x8F\xF4\xFB", "髙" },
		{ "korean", "\xC7\xD1", "한" },
		{ "iso-8859-8-i", "\xF9\xEC", "של" },
		{ "x-mac-cyrillic", "\x8F\xF0", "Пр" },
	};
	struct bytes b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		decode(&b, labels[i].bytes, strlen(labels[i].bytes), labels[i].declared, false);
		assert_bytes(&b, labels[i].text);
	}
	bytes_free(&b);
}

/* Pages that were fetched and converted keep their declaration. */
static void what_is_plainly_utf8_is_so_whatever_is_declared(void **state)
{
	static const char *const declared[] = { "windows-1256", "GB18030", "big5",   "shift_jis",
						"tis-620",      "koi8-r",  "euc-kr", "iso-8859-6" };
	const char *text = "کتابخانهٔ تازه", *escaped = "\x1B$BF|K\\\x1B(B";
	struct bytes b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof declared / sizeof *declared; i++) {
		decode(&b, text, strlen(text), declared[i], false);
		assert_bytes(&b, text);
	}
	/* Two characters of GBK that are valid UTF-8 by accident. */
	decode(&b, "\xC1\xAA\xCD\xA8", 4, "gbk", false);
	assert_bytes(&b, "联通");
	decode(&b, escaped, strlen(escaped), "iso-2022-jp", false);
	assert_bytes(&b, "日本");
	bytes_free(&b);
}

static void what_a_charset_does_not_have_becomes_a_replacement(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	decode(&b, "a\xFF z", 4, "utf-8", true);
	assert_bytes(&b, "a" REPLACEMENT " z");
	decode(&b, "a\xFF\xFFz\xA4", 5, "euc-jp", true);
	assert_bytes(&b, "a" REPLACEMENT REPLACEMENT "z" REPLACEMENT);
	decode(&b, "\x81 \xE9", 3, NULL, true);
	assert_bytes(&b, REPLACEMENT " \xC3\xA9");
	decode(&b, "\xFF\xFE\x3D\xD8z\0q", 7, NULL, true);
	assert_bytes(&b, REPLACEMENT "z" REPLACEMENT);
	bytes_free(&b);
}

static void unknown_and_forged_charset_names_are_passed_over(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	decode(&b, "\xC3\xA9", 2, "no-such-charset", false);
	assert_bytes(&b, "\xC3\xA9");
	decode(&b, "\xC3\xA9", 2, "latin1//TRANSLIT", false);
	assert_bytes(&b, "\xC3\xA9");
	decode(&b, "<a>", 3, "utf-16", false);
	assert_bytes(&b, "<a>");
	bytes_free(&b);
}

static void assert_declared(struct span found, const char *expected)
{
	if (expected == NULL)
		assert_int_equal(found.len, 0);
	else
		assert_true(span_equal(found, span_of_text(expected)));
}

static void declarations_are_found_where_they_stand(void **state)
{
	(void)state;
	assert_declared(charset_of_html(span_of_text("<head><META charset = 'KOI8-R'>")), "KOI8-R");
	assert_declared(
		charset_of_html(span_of_text("<meta http-equiv=\"Content-Type\" "
					     "content=\"text/html; charset=windows-1251\">")),
		"windows-1251");
	assert_declared(charset_of_html(span_of_text("<p charset=x>charset=y")), NULL);
	assert_declared(charset_of_html(span_of_text("<meta charset=")), NULL);
	assert_declared(
		charset_of_xml(span_of_text("<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>")),
		"ISO-8859-2");
	assert_declared(charset_of_xml(span_of_text("<rss encoding='x'>")), NULL);
}

static void the_format_is_told_by_the_name(void **state)
{
	static const struct {
		const char *name;
		enum text_format format;
		bool gzip;
	} rows[] = {
		{ "a.txt", TEXT_PLAIN, false },      { "x/y.TXT.GZ", TEXT_PLAIN, true },
		{ "a.html", TEXT_HTML, false },      { "a.htm", TEXT_HTML, false },
		{ "a.xhtml.gz", TEXT_HTML, true },   { "a.xml", TEXT_XML, false },
		{ "a.rss", TEXT_XML, false },        { "a.atom", TEXT_XML, false },
		{ "a.json", TEXT_JSON, false },      { "a.jsonl", TEXT_JSONL, false },
		{ "a.ndjson.gz", TEXT_JSONL, true }, { "a.pdf", TEXT_UNKNOWN, false },
		{ "txt", TEXT_UNKNOWN, false },      { "d/.txt", TEXT_UNKNOWN, false },
		{ "a.gz", TEXT_UNKNOWN, true },      { "", TEXT_UNKNOWN, false },
	};
	bool gzip;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(text_format_of_name(span_of_text(rows[i].name), &gzip),
				 rows[i].format);
		assert_int_equal(gzip, rows[i].gzip);
	}
}

static void the_format_is_told_by_the_first_bytes(void **state)
{
	static const struct {
		const char *bytes;
		enum text_format format;
	} rows[] = {
		{ "Just a line of text.\n", TEXT_PLAIN },
		{ "\xEF\xBB\xBF <!DOCTYPE HTML><html>", TEXT_HTML },
		{ "<html><body>", TEXT_HTML },
		{ "<?xml version='1.0'?><!DOCTYPE html PUBLIC ''><html>", TEXT_HTML },
		{ "<?xml version='1.0'?>\n<rss version='2.0'>", TEXT_XML },
		{ "<feed xmlns='http://www.w3.org/2005/Atom'>", TEXT_XML },
		{ "<?xml version='1.0'?><rdf:RDF>", TEXT_XML },
		{ "{\"text\":\"a\"}", TEXT_JSON },
		{ "{\"text\":\"a\"}\n", TEXT_JSON },
		{ "{\n\"text\":\"a\"}\n", TEXT_JSON },
		{ "{\"text\":\"a\"}\r\n{\"text\":\"b\"}\n", TEXT_JSONL },
		{ "[{\"text\":\"a\"}]", TEXT_JSON },
		{ "\x89PNG\r\n\x1A\n", TEXT_UNKNOWN },
		{ "%PDF-1.7\n", TEXT_UNKNOWN },
		{ "\x7F"
		  "ELF",
		  TEXT_UNKNOWN },
		{ "", TEXT_UNKNOWN },
		{ "caf\xE9", TEXT_PLAIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(text_format_of_bytes(span_of_text(rows[i].bytes)), rows[i].format);
	assert_int_equal(text_format_of_bytes(span_of("a\0b", 3)), TEXT_UNKNOWN);
	assert_int_equal(text_format_of_bytes(span_of("\xFF\xFE<\0r\0s\0s\0>\0", 12)), TEXT_XML);
	for (int f = TEXT_UNKNOWN; f <= TEXT_JSONL; f++)
		assert_non_null(text_format_name((enum text_format)f));
}

/* One gzip member of the text. */
static void put_gzip(struct bytes *out, const char *text, size_t len)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_true(bytes_reserve(out, deflateBound(&z, len)));
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)out->p + out->len;
	z.avail_out = (uInt)(out->cap - out->len);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len = out->cap - z.avail_out;
	deflateEnd(&z);
}

static void gzip_members_expand_one_after_another(void **state)
{
	struct bytes in = { 0 }, out = { 0 };

	(void)state;
	put_gzip(&in, "one ", 4);
	put_gzip(&in, "", 0);
	put_gzip(&in, "two", 3);
	assert_int_equal(gunzip(&out, bytes_span(&in), 7), STATUS_OK);
	assert_bytes(&out, "one two");
	put_bytes(&in, "\0\0\0", 3);
	bytes_clear(&out);
	assert_int_equal(gunzip(&out, bytes_span(&in), 100), STATUS_OK);
	assert_bytes(&out, "one two");
	bytes_free(&in);
	bytes_free(&out);
}

static void a_gzip_bomb_is_too_large(void **state)
{
	struct bytes in = { 0 }, out = { 0 };
	char *zeros = calloc(1, 3000000);

	(void)state;
	put_gzip(&in, zeros, 3000000);
	assert_int_equal(gunzip(&out, bytes_span(&in), 2999999), STATUS_TOO_LARGE);
	assert_true(out.len <= 2999999);
	bytes_clear(&out);
	assert_int_equal(gunzip(&out, bytes_span(&in), 3000000), STATUS_OK);
	free(zeros);
	bytes_free(&in);
	bytes_free(&out);
}

static void damaged_gzip_is_malformed_wherever_it_is_cut(void **state)
{
	struct bytes in = { 0 }, out = { 0 };

	(void)state;
	put_gzip(&in, "some text, some text", 20);
	for (size_t len = 0; len < in.len; len++) {
		bytes_clear(&out);
		assert_int_equal(gunzip(&out, span_of(in.p, len), 1000), STATUS_MALFORMED);
	}
	put_text(&in, "trailing");
	assert_int_equal(gunzip(&out, bytes_span(&in), 1000), STATUS_MALFORMED);
	bytes_free(&in);
	bytes_free(&out);
}

static void a_gzip_stream_comes_out_the_same_byte_by_byte(void **state)
{
	struct bytes in = { 0 }, out = { 0 };
	struct gunzip *g;
	bool end = false;

	(void)state;
	put_gzip(&in, "first member, ", 14);
	put_gzip(&in, "second", 6);
	assert_int_equal(gunzip_open(&g), STATUS_OK);
	for (size_t i = 0; i < in.len; i++) {
		struct span piece = span_of(in.p + i, 1);
		size_t len;
		char c[3];

		do {
			assert_int_equal(gunzip_step(g, c, sizeof c, &len, &piece, &end),
					 STATUS_OK);
			put_bytes(&out, c, len);
		} while (piece.len > 0 || len == sizeof c);
		if (i + 2 == in.len)
			assert_false(end);
	}
	assert_true(end);
	assert_bytes(&out, "first member, second");
	gunzip_close(g);
	gunzip_close(NULL);
	bytes_free(&in);
	bytes_free(&out);
}

static void addresses_of_one_page_have_one_canonical_form(void **state)
{
	static const struct {
		const char *url, *canonical;
	} rows[] = {
		{ "https://www.Example.com/A/b/", "example.com/A/b" },
		{ "http://example.com/A/b", "example.com/A/b" },
		{ " HTTP://m.example.com:80/A/b#top\n", "example.com/A/b" },
		{ "https://amp.example.com:443/A/b/?utm_source=x&UTM_Medium=y", "example.com/A/b" },
		{ "https://u:p@example.com/A/b?fbclid=1&gclid=2", "example.com/A/b" },
		{ "https://example.com/?id=1&utm_source=x&q=&&z", "example.com?id=1&q=&z" },
		{ "https://example.com/?b=2&a=1", "example.com?b=2&a=1" },
		{ "https://example.com:8080/x", "example.com:8080/x" },
		{ "https://www.com/x", "www.com/x" },
		{ "https://m.co/x", "m.co/x" },
		{ "https://www.m.example.org", "example.org" },
		{ "https://mail.example.org", "mail.example.org" },
		{ "ftp://example.org/x", NULL },
		{ "example.org/x", NULL },
		{ "https:///x", NULL },
		{ "https://", NULL },
		{ "tag:example.org,2026:1", NULL },
		{ "", NULL },
	};
	struct bytes b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes_clear(&b);
		assert_int_equal(url_canonical(&b, span_of_text(rows[i].url)),
				 rows[i].canonical != NULL);
		assert_bytes(&b, rows[i].canonical == NULL ? "" : rows[i].canonical);
	}
	bytes_free(&b);
}

/* The examples of RFC 3986, sections 5.4.1 and 5.4.2. */
static void references_resolve_as_the_rfc_says(void **state)
{
	static const struct {
		const char *reference, *resolved;
	} rows[] = {
		{ "g:h", "g:h" },
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q#s" },
		{ "g#s", "http://a/b/c/g#s" },
		{ "g?y#s", "http://a/b/c/g?y#s" },
		{ ";x", "http://a/b/c/;x" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ "..g", "http://a/b/c/..g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "https://e.example/x", "https://e.example/x" },
	};
	struct bytes b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes_clear(&b);
		url_resolve(&b, span_of_text("http://a/b/c/d;p?q"),
			    span_of_text(rows[i].reference));
		assert_bytes(&b, rows[i].resolved);
	}
	bytes_clear(&b);
	url_resolve(&b, span_of_text("https://e.example"), span_of_text("x"));
	assert_bytes(&b, "https://e.example/x");
	bytes_clear(&b);
	url_resolve(&b, (struct span){ NULL, 0 }, span_of_text(" ../x "));
	assert_bytes(&b, "../x");
	bytes_free(&b);
}

static void dates_are_read_in_every_form_that_feeds_use(void **state)
{
	static const struct {
		const char *text, *moment; /* NULL: no date */
	} rows[] = {
		{ "2026-11-23T03:00:00Z", "2026-11-23T03:00:00.000Z" },
		{ "2026-11-23T03:00:00.1234+02:00", "2026-11-23T01:00:00.123Z" },
		{ "2026-11-23T03:00:00-0530", "2026-11-23T08:30:00.000Z" },
		{ "2026-11-23T03:00", "2026-11-23T03:00:00.000Z" },
		{ " 2026-11-23 03:00:00 +0100 ", "2026-11-23T02:00:00.000Z" },
		{ "2026-11-23 03:00:00 UTC", "2026-11-23T03:00:00.000Z" },
		{ "2026-11-23", "2026-11-23T00:00:00.000Z" },
		{ "20261123T030405Z", "2026-11-23T03:04:05.000Z" },
		{ "2026/1/2 3:04 pm", "2026-01-02T15:04:00.000Z" },
		{ "Mon, 23 Nov 2026 03:00:00 GMT", "2026-11-23T03:00:00.000Z" },
		{ "Mon, 23 Nov 2026 03:00:00 -0500", "2026-11-23T08:00:00.000Z" },
		{ "Mon, 23 Nov 2026 03:00 EST", "2026-11-23T08:00:00.000Z" },
		{ "23 Nov 26 03:00:00 +0000", "2026-11-23T03:00:00.000Z" },
		{ "5 Sept 1999 12:00:00 GMT", "1999-09-05T12:00:00.000Z" },
		{ "23-NOV-1987 15:01:01.79", "1987-11-23T15:01:01.790Z" },
		{ "Mon Nov 23 03:00:00 2026", "2026-11-23T03:00:00.000Z" },
		{ "Mon Nov 23 03:00:00 +0100 2026", "2026-11-23T02:00:00.000Z" },
		{ "November 23, 2026", "2026-11-23T00:00:00.000Z" },
		{ "Monday, November 23, 2026 at 12:05 am", "2026-11-23T00:05:00.000Z" },
		{ "1795402800", "2026-11-23T03:00:00.000Z" },
		{ "1795402800123", "2026-11-23T03:00:00.123Z" },
		{ "7258118399", "2199-12-31T23:59:59.000Z" },
		{ "7258118400", NULL },
		{ "8333333331000", NULL },
		{ "2024-02-29", "2024-02-29T00:00:00.000Z" },
		{ "2023-02-29", NULL },
		{ "2026-13-01", NULL },
		{ "2026-11-23T25:00:00Z", NULL },
		{ "11/23/2026", NULL },
		{ "yesterday", NULL },
		{ "0001-01-01T00:00:00Z", NULL },
		{ "", NULL },
		{ "2026", NULL },
		{ "Jan Feb 2026 1", NULL },
	};
	char text[CLOCK_TEXT_BYTES];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool is_date = date_parse(&ms, span_of_text(rows[i].text));

		assert_int_equal(is_date, rows[i].moment != NULL);
		if (is_date)
			assert_string_equal(clock_text(text, ms), rows[i].moment);
	}
	assert_false(date_parse(&ms, (struct span){ NULL, 0 }));
}

static void flat_objects_are_read_and_others_are_left_to_jansson(void **state)
{
	static const struct {
		const char *json;
		bool taken;
	} rows[] = {
		{ " {\"text\":\"a\"} \r", true },
		{ "{\"id\":12,\"x\":null,\"y\":true,\"z\":-3,\"text\":\"\"}", true },
		{ "{\"text\":\"a\\u00e9\\ud83d\\ude00\"}", true },
		{ "{}", false },
		{ "{\"text\":\"a\",}", false },
		{ "{\"text\":\"a\"} x", false },
		{ "{\"text\":\"a\",\"x\":[]}", false },
		{ "{\"text\":\"a\",\"x\":{}}", false },
		{ "{\"text\":\"a\",\"x\":1.5}", false },
		{ "{\"text\":\"a\",\"x\":01}", false },
		{ "{\"text\":\"a\",\"x\":nullx}", false },
		{ "{\"te\\u0078t\":\"a\"}", false },
		{ "{\"text\":\"a\\x\"}", false },
		{ "{\"text\":\"a\\ud83d\"}", false },
		{ "{\"text\":\"a\nb\"}", false },
		{ "{\"text\":\"a", false },
		{ "{\"text\":\"a\\", false },
		{ "{\"text\":\"a\\u00", false },
		{ "[\"text\"]", false },
		{ "", false },
	};
	struct bytes scratch = { 0 };
	struct flat f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool taken = flat_read(&f, &scratch, span_of_text(rows[i].json));

		assert_int_equal(taken, rows[i].taken);
		/* The law: what is taken, jansson takes too, with the same text. */
		json_t *law = json_loads(rows[i].json, JSON_ALLOW_NUL, NULL);
		if (taken) {
			assert_non_null(law);
			assert_true(span_equal(f.text, span_of_text(json_string_value(
							       json_object_get(law, "text")))));
		}
		json_decref(law);
	}
	bytes_free(&scratch);
}

static void values_with_escapes_survive_a_growing_scratch(void **state)
{
	struct bytes json = { 0 }, scratch = { 0 };
	struct flat f;

	(void)state;
	put_text(&json, "{\"title\":\"a\\nb\",\"text\":\"\\t");
	for (int i = 0; i < 10000; i++)
		put_text(&json, "xyz\\n");
	put_text(&json, "\",\"id\":\"\\\"i\"}");
	assert_true(flat_read(&f, &scratch, bytes_span(&json)));
	assert_true(span_equal(f.title, span_of_text("a\nb")));
	assert_true(span_equal(f.id, span_of_text("\"i")));
	assert_int_equal(f.text.len, 40001);
	assert_null(f.site.p);
	bytes_free(&json);
	bytes_free(&scratch);
}

static void markup_is_told_from_text_that_only_looks_like_it(void **state)
{
	static const struct {
		const char *text;
		bool markup;
	} rows[] = {
		{ "a <b>c</b>", true },
		{ "a<br/>b", true },
		{ "x &#8217; y", true },
		{ "AT&amp;T", true },
		{ "<a href='x'>y", true },
		{ "AT&T", false },
		{ "1 < 2 and 3 > 2", false },
		{ "a <- b", false },
		{ "R&D; more", false },
		{ "<3", false },
		{ "", false },
		{ "a & b", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(fragment_is_markup(span_of_text(rows[i].text)), rows[i].markup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_any_bytes_are_spelled_and_read_back),
		cmocka_unit_test(spelling_can_be_undone),
		cmocka_unit_test(utf8_validity_agrees_with_decoding_it),
		cmocka_unit_test(one_bad_byte_is_found_wherever_it_stands),
		cmocka_unit_test(repaired_utf8_is_valid_and_keeps_the_valid_parts),
		cmocka_unit_test(cutting_keeps_characters_whole),
		cmocka_unit_test(no_charset_gives_anything_but_utf8),
		cmocka_unit_test(a_byte_order_mark_beats_the_declaration),
		cmocka_unit_test(a_declared_charset_is_converted),
		cmocka_unit_test(the_names_that_browsers_know_are_known),
		cmocka_unit_test(what_is_plainly_utf8_is_so_whatever_is_declared),
		cmocka_unit_test(what_a_charset_does_not_have_becomes_a_replacement),
		cmocka_unit_test(unknown_and_forged_charset_names_are_passed_over),
		cmocka_unit_test(declarations_are_found_where_they_stand),
		cmocka_unit_test(the_format_is_told_by_the_name),
		cmocka_unit_test(the_format_is_told_by_the_first_bytes),
		cmocka_unit_test(gzip_members_expand_one_after_another),
		cmocka_unit_test(a_gzip_bomb_is_too_large),
		cmocka_unit_test(damaged_gzip_is_malformed_wherever_it_is_cut),
		cmocka_unit_test(a_gzip_stream_comes_out_the_same_byte_by_byte),
		cmocka_unit_test(addresses_of_one_page_have_one_canonical_form),
		cmocka_unit_test(references_resolve_as_the_rfc_says),
		cmocka_unit_test(dates_are_read_in_every_form_that_feeds_use),
		cmocka_unit_test(flat_objects_are_read_and_others_are_left_to_jansson),
		cmocka_unit_test(values_with_escapes_survive_a_growing_scratch),
		cmocka_unit_test(markup_is_told_from_text_that_only_looks_like_it),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
