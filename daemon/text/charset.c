/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/charset.h"

#include "base/bytes.h"
#include "text/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

#define NAME_BYTES 40u
/* How far a declaration is looked for; browsers look at 1,024 bytes, pages put it later. */
#define LOOK_BYTES 4096u
#define WIDE_MANY 4u

struct charset {
	const char *name; /* for iconv, or one of the two below */
	size_t unit;      /* bytes that one undecodable piece takes */
};

static const char utf8_name[] = "UTF-8";
static const char windows_name[] = "CP1252";

/* Names that mean another charset than they say (WHATWG Encoding, "names and labels"). */
static const struct {
	const char *label, *name;
} labels[] = {
	{ "utf-8", utf8_name },
	{ "utf8", utf8_name },
	{ "unicode-1-1-utf-8", utf8_name },
	{ "unicode11utf8", utf8_name },
	{ "unicode20utf8", utf8_name },
	{ "x-unicode20utf8", utf8_name },
	{ "us-ascii", windows_name },
	{ "ascii", windows_name },
	{ "iso-8859-1", windows_name },
	{ "iso8859-1", windows_name },
	{ "iso_8859-1", windows_name },
	{ "latin1", windows_name },
	{ "l1", windows_name },
	{ "windows-1252", windows_name },
	{ "cp1252", windows_name },
	{ "x-cp1252", windows_name },
	{ "iso-8859-6-e", "ISO-8859-6" },
	{ "iso-8859-6-i", "ISO-8859-6" },
	{ "sun_eu_greek", "ISO-8859-7" },
	{ "iso-8859-8-e", "ISO-8859-8" },
	{ "iso-8859-8-i", "ISO-8859-8" },
	{ "logical", "ISO-8859-8" },
	{ "visual", "ISO-8859-8" },
	{ "iso-8859-9", "CP1254" },
	{ "l9", "ISO-8859-15" },
	{ "x-cp1250", "CP1250" },
	{ "x-cp1251", "CP1251" },
	{ "win-1251", "CP1251" },
	{ "x-cp1253", "CP1253" },
	{ "x-cp1254", "CP1254" },
	{ "x-cp1255", "CP1255" },
	{ "x-cp1256", "CP1256" },
	{ "x-cp1257", "CP1257" },
	{ "x-cp1258", "CP1258" },
	{ "koi", "KOI8-R" },
	{ "koi8_r", "KOI8-R" },
	{ "x-mac-cyrillic", "MAC-CYRILLIC" },
	{ "x-mac-ukrainian", "MAC-UK" },
	{ "tis-620", "CP874" },
	{ "tis620", "CP874" },
	{ "dos-874", "CP874" },
	{ "iso-8859-11", "CP874" },
	{ "iso8859-11", "CP874" },
	{ "gb2312", "GB18030" },
	{ "gb_2312", "GB18030" },
	{ "gb_2312-80", "GB18030" },
	{ "chinese", "GB18030" },
	{ "gbk", "GB18030" },
	{ "x-gbk", "GB18030" },
	{ "big5", "BIG5-HKSCS" },
	{ "big-5", "BIG5-HKSCS" },
	{ "cn-big5", "BIG5-HKSCS" },
	{ "x-x-big5", "BIG5-HKSCS" },
	{ "euc-jp", "EUC-JP-MS" },
	{ "x-euc-jp", "EUC-JP-MS" },
	{ "shift_jis", "CP932" },
	{ "shift-jis", "CP932" },
	{ "x-sjis", "CP932" },
	{ "sjis", "CP932" },
	{ "windows-31j", "CP932" },
	{ "euc-kr", "CP949" },
	{ "ks_c_5601-1987", "CP949" },
	{ "ks_c_5601-1989", "CP949" },
	{ "ksc_5601", "CP949" },
	{ "ksc5601", "CP949" },
	{ "korean", "CP949" },
	{ "x-mac-roman", "MACINTOSH" },
	{ "windows-949", "CP949" },
	{ "x-windows-949", "CP949" },
};

/* Windows-1252 from 0x80 on; 0 where it has no character. */
static const uint16_t windows_high[32] = {
	0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static bool starts(struct span s, const char *bytes, size_t len)
{
	return s.len >= len && memcmp(s.p, bytes, len) == 0;
}

/* What the byte order mark says; takes it off. */
static struct charset take_mark(struct span *in)
{
	static const struct {
		const char *mark;
		size_t len;
		struct charset charset;
	} marks[] = {
		{ "\xEF\xBB\xBF", 3, { utf8_name, 1 } },  { "\xFF\xFE\0\0", 4, { "UTF-32LE", 4 } },
		{ "\0\0\xFE\xFF", 4, { "UTF-32BE", 4 } }, { "\xFF\xFE", 2, { "UTF-16LE", 2 } },
		{ "\xFE\xFF", 2, { "UTF-16BE", 2 } },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (starts(*in, marks[i].mark, marks[i].len)) {
			*in = span_of(in->p + marks[i].len, in->len - marks[i].len);
			return marks[i].charset;
		}
	}
	return (struct charset){ NULL, 1 };
}

/* UTF-16 markup and JSON without a mark: every second of the first bytes is zero. */
static struct charset of_zeros(struct span in)
{
	if (in.len >= 4 && in.p[0] != 0 && in.p[1] == 0 && in.p[2] != 0 && in.p[3] == 0)
		return (struct charset){ "UTF-16LE", 2 };
	if (in.len >= 4 && in.p[0] == 0 && in.p[1] != 0 && in.p[2] == 0 && in.p[3] != 0)
		return (struct charset){ "UTF-16BE", 2 };
	return (struct charset){ NULL, 1 };
}

/* Only plain names reach iconv: its suffixes ("//TRANSLIT") are not for strangers. */
static bool plain_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c != '\0' && strchr("-_.:+", c) != NULL)))
			return false;
	}
	return s.len > 0 && s.len < NAME_BYTES;
}

static struct charset of_name(char name[NAME_BYTES], struct span declared)
{
	if (!plain_name(declared))
		return (struct charset){ NULL, 1 };
	memcpy(name, declared.p, declared.len);
	name[declared.len] = '\0';
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (strcasecmp(labels[i].label, name) == 0)
			return (struct charset){ labels[i].name, 1 };
	/* A declaration that could be read byte by byte is not in UTF-16, whatever it says. */
	if (strncasecmp(name, "utf-16", 6) == 0 || strncasecmp(name, "utf-32", 6) == 0 ||
	    strncasecmp(name, "utf-7", 5) == 0 || strncasecmp(name, "ucs", 3) == 0)
		return (struct charset){ NULL, 1 };
	return (struct charset){ name, 1 };
}

/* Whether bytes that are declared otherwise are UTF-8 all the same: fetched, converted, and the
 * declaration left. That many wide characters, and nothing that is not UTF-8, are no accident in
 * any other charset; what begins with ASCII escapes has none. */
static bool converted(struct span in)
{
	size_t wide = 0;

	for (size_t i = 0; i < in.len && wide < WIDE_MANY; i++)
		wide += (unsigned char)in.p[i] >= 0xC2;
	return wide == WIDE_MANY && utf8_valid(in) == in.len;
}

static void decode_windows(struct bytes *out, struct span in, bool *out_lossy)
{
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.p[i];
		uint32_t character = c;

		if (c >= 0x80 && c < 0xA0) {
			character = windows_high[c - 0x80];
			*out_lossy |= character == 0;
		}
		if (c < 0x80)
			put_u8(out, c);
		else
			utf8_put(out, character);
	}
}

/* iconv writes characters beyond U+10FFFF as UTF-8 once did. True: something was replaced. */
static bool repair(struct bytes *text)
{
	struct bytes sound = { 0 };

	if (utf8_valid(bytes_span(text)) == text->len)
		return false;
	utf8_repair(&sound, bytes_span(text));
	text->failed |= sound.failed;
	bytes_clear(text);
	put_bytes(text, sound.p, sound.len);
	bytes_free(&sound);
	return true;
}

/* False when iconv knows no such charset. */
static bool decode_iconv(struct bytes *out, struct span in, struct charset from, bool *out_lossy)
{
	iconv_t cd = iconv_open(utf8_name, from.name);
	char *at = (char *)(uintptr_t)in.p; /* iconv's prototype forgot the const */
	size_t left = in.len;

	if (cd == (iconv_t)-1)
		return false;
	while (left > 0 && bytes_reserve(out, left + 16)) {
		char *to = out->p + out->len;
		size_t room = out->cap - out->len;
		size_t rc = iconv(cd, &at, &left, &to, &room);

		out->len = out->cap - room;
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		put_text(out, UTF8_REPLACEMENT);
		*out_lossy = true;
		size_t skip = left < from.unit ? left : from.unit;
		at += skip;
		left -= skip;
	}
	iconv_close(cd);
	*out_lossy |= repair(out);
	return true;
}

static void decode_utf8(struct span *text, struct bytes *out, struct span in, bool *out_lossy)
{
	if (utf8_valid(in) == in.len) {
		*text = in;
		return;
	}
	*out_lossy |= utf8_repair(out, in) > 0;
	*text = bytes_span(out);
}

enum status charset_decode(struct span *out, struct bytes *scratch, struct span in,
			   struct span declared, bool *out_lossy)
{
	char name[NAME_BYTES];
	struct charset charset = take_mark(&in);

	bytes_clear(scratch);
	if (charset.name == NULL)
		charset = of_zeros(in);
	if (charset.name == NULL)
		charset = of_name(name, declared);
	/* Many say ISO-8859-1 by habit; valid UTF-8 beyond ASCII is no accident. */
	if (charset.name == windows_name && utf8_valid(in) == in.len)
		charset.name = utf8_name;
	if (charset.name != NULL && charset.unit == 1 && converted(in))
		charset.name = utf8_name;
	if (charset.name != NULL && charset.name != utf8_name && charset.name != windows_name &&
	    !decode_iconv(scratch, in, charset, out_lossy))
		charset.name = NULL;
	if (charset.name == NULL)
		charset.name =
			utf8_valid(in) == in.len || utf8_likely(in) ? utf8_name : windows_name;
	if (charset.name == utf8_name) {
		decode_utf8(out, scratch, in, out_lossy);
	} else {
		if (charset.name == windows_name)
			decode_windows(scratch, in, out_lossy);
		*out = bytes_span(scratch);
	}
	return scratch->failed ? STATUS_NO_MEMORY : STATUS_OK;
}

/* The value after name [blank] = [blank] [quote] at s.p[at]; absent if that does not stand there.
 */
static struct span value_at(struct span s, size_t at)
{
	size_t from;

	while (at < s.len && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\n'))
		at++;
	if (at == s.len || s.p[at++] != '=')
		return (struct span){ NULL, 0 };
	while (at < s.len && s.p[at] != '\0' && strchr(" \t\n\"'", s.p[at]) != NULL)
		at++;
	for (from = at; at < s.len && s.p[at] != '\0' && strchr(" \t\r\n\"';>/?", s.p[at]) == NULL;)
		at++;
	return at > from ? span_of(s.p + from, at - from) : (struct span){ NULL, 0 };
}

/* The first `word`=value inside a tag that begins with `tag`. */
static struct span declared_in(struct span s, const char *tag, const char *word)
{
	size_t tag_len = strlen(tag), word_len = strlen(word);
	bool inside = false;

	s.len = s.len > LOOK_BYTES ? LOOK_BYTES : s.len;
	for (size_t i = 0; i < s.len; i++) {
		struct span value;

		if (s.p[i] == '<')
			inside = s.len - i > tag_len && strncasecmp(s.p + i, tag, tag_len) == 0;
		else if (s.p[i] == '>')
			inside = false;
		if (!inside || s.len - i <= word_len || strncasecmp(s.p + i, word, word_len) != 0)
			continue;
		value = value_at(s, i + word_len);
		if (value.len > 0)
			return value;
	}
	return (struct span){ NULL, 0 };
}

struct span charset_of_html(struct span html)
{
	struct span found = declared_in(html, "<meta", "charset");

	return found.len > 0 ? found : charset_of_xml(html);
}

struct span charset_of_xml(struct span xml)
{
	return declared_in(xml, "<?xml", "encoding");
}

void charset_prepare(void)
{
	/* WHATWG Encoding's by the names that are used for them above, then those of old disks. */
	static const char *const names[] = {
		"CP1250",      "CP1251",      "CP1252",       "CP1253",      "CP1254",
		"CP1255",      "CP1256",      "CP1257",       "CP1258",      "CP874",
		"ISO-8859-1",  "ISO-8859-2",  "ISO-8859-3",   "ISO-8859-4",  "ISO-8859-5",
		"ISO-8859-6",  "ISO-8859-7",  "ISO-8859-8",   "ISO-8859-9",  "ISO-8859-10",
		"ISO-8859-13", "ISO-8859-14", "ISO-8859-15",  "ISO-8859-16", "KOI8-R",
		"KOI8-U",      "MACINTOSH",   "MAC-CYRILLIC", "MAC-UK",      "GB18030",
		"GBK",         "EUC-CN",      "BIG5",         "BIG5-HKSCS",  "EUC-TW",
		"EUC-JP",      "EUC-JP-MS",   "CP932",        "SHIFT_JIS",   "ISO-2022-JP",
		"EUC-KR",      "CP949",       "JOHAB",        "ISO-2022-KR", "UTF-7",
		"UTF-16",      "UTF-16LE",    "UTF-16BE",     "UTF-32",      "UTF-32LE",
		"UTF-32BE",    "TIS-620",     "CP437",        "CP850",       "CP852",
		"CP855",       "CP862",       "CP864",        "CP866",       "ARMSCII-8",
		"GEORGIAN-PS", "TCVN",        "HZ",           "ISO-2022-CN", "ISO_6937",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)!(iconv_open(utf8_name, names[i]) != (iconv_t)-1);
}
