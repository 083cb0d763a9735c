/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_of.h"

#include "base/bytes.h"

static void an_rss_item_gives_all_its_fields(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<?xml version='1.0'?><rss version='2.0' "
		  "xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
		  "<channel><title>C</title><link>https://s.example/</link><item>"
		  "<title>A &amp; B</title><link>https://s.example/1?utm_source=rss</link>"
		  "<guid isPermaLink='false'>g-1</guid><pubDate>Mon, 23 Nov 2026 03:00:00 "
		  "GMT</pubDate>"
		  "<description>short</description>"
		  "<content:encoded><![CDATA[<p>One.</p><p>Two <a href='x'>three</a>.</p>]]>"
		  "</content:encoded></item></channel></rss>");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 1);
	const struct article *a = nth(&r, 1);
	assert_part(a, a->id, "g-1");
	assert_part(a, a->title, "A & B");
	assert_part(a, a->url, "https://s.example/1?utm_source=rss");
	assert_part(a, a->canonical, "s.example/1");
	assert_part(a, a->published, "Mon, 23 Nov 2026 03:00:00 GMT");
	assert_true(a->published_ms == INT64_C(1795402800000));
	assert_part(a, a->site, NULL);
	assert_text(a, "One.\nTwo three.\n");
	assert_int_equal(a->flags, ARTICLE_OWN_ID | ARTICLE_FROM_HTML);
	assert_int_equal(r.told, 0);
	articles_free(&r.articles);
}

static void descriptions_are_html_or_text_as_they_look(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<rss><channel>"
		  "<item><description>&lt;p&gt;a &amp;amp; b&lt;/p&gt;c</description></item>"
		  "<item><description>1 &lt; 2 and\nnext</description></item>"
		  "<item><description><p>in <b>line</b></p><p>two</p></description></item>"
		  "</channel></rss>");
	assert_text(nth(&r, 1), "a & b\nc\n");
	assert_text(nth(&r, 2), "1 < 2 and\nnext\n");
	assert_text(nth(&r, 3), "in line\ntwo\n");
	articles_free(&r.articles);
}

static void an_item_without_text_is_an_empty_article(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<rss><channel><item><title>T</title><link>https://s.example/a</link></item>"
		  "<item/></channel></rss>");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 2);
	assert_text(nth(&r, 1), "");
	assert_part(nth(&r, 1), nth(&r, 1)->id, "s.example/a");
	assert_int_equal(nth(&r, 2)->flags & ARTICLE_NUMBERED, ARTICLE_NUMBERED);
	assert_int_equal(nth(&r, 2)->ordinal, 2);
	articles_free(&r.articles);
}

static void rdf_items_stand_beside_their_channel(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(
		&r, TEXT_XML,
		"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
		"xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
		"<channel><link>https://s.example/</link><items/></channel>"
		"<item rdf:about='x'><title>T</title><link>/one</link><dc:date>2026-01-02</dc:date>"
		"<description>d</description></item></rdf:RDF>");
	assert_int_equal(r.articles.count, 1);
	assert_part(nth(&r, 1), nth(&r, 1)->url, "https://s.example/one");
	assert_part(nth(&r, 1), nth(&r, 1)->published, "2026-01-02");
	assert_text(nth(&r, 1), "d\n");
	articles_free(&r.articles);
}

static void atom_content_is_read_by_its_type(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(
		&r, TEXT_XML,
		"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://s.example/b/'>"
		"<link rel='self' href='https://s.example/atom'/>"
		"<entry><id>urn:1</id><title type='html'>A &amp;lt;b&amp;gt; "
		"&lt;i&gt;c&lt;/i&gt;</title>"
		"<link rel='related' href='https://other.example/'/><link href='1'/>"
		"<updated>2026-02-01T00:00:00Z</updated><published>2026-01-01T00:00:00Z</published>"
		"<summary>s</summary><content type='html'>&lt;p&gt;a&lt;/p&gt;b</content></entry>"
		"<entry><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
		"<h2>H</h2><p>x<br/>y</p></div></content></entry>"
		"<entry><content type='text'>plain\ntext</content></entry>"
		"<entry><content "
		"type='image/png'>iVBORw0KGgo=</content><summary>alt</summary></entry>"
		"</feed>");
	assert_int_equal(r.articles.count, 4);
	const struct article *a = nth(&r, 1);
	assert_part(a, a->id, "urn:1");
	assert_part(a, a->title, "A <b> c");
	assert_part(a, a->url, "https://s.example/b/1");
	assert_part(a, a->published, "2026-01-01T00:00:00Z");
	assert_text(a, "a\nb\n");
	assert_text(nth(&r, 2), "H\nx\ny\n");
	assert_int_equal(article_hints(nth(&r, 2))[0], ARTICLE_HINT_HEADING);
	assert_text(nth(&r, 3), "plain\ntext\n");
	assert_text(nth(&r, 4), "alt\n");
	articles_free(&r.articles);
}

static void titles_escaped_once_too_often_are_decoded(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<rss><channel>"
		  "<item><title>It&amp;#8217;s &amp;amp; more</title></item>"
		  "<item><title>&lt;b&gt;Bold&lt;/b&gt; move</title></item>"
		  "<item><title>Use the &lt;div&gt; tag</title></item>"
		  "<item><title>AT&amp;T &lt;3</title></item>"
		  "</channel></rss>");
	assert_part(nth(&r, 1), nth(&r, 1)->title, "It\xE2\x80\x99s & more");
	assert_part(nth(&r, 2), nth(&r, 2)->title, "Bold move");
	assert_part(nth(&r, 3), nth(&r, 3)->title, "Use the <div> tag");
	assert_part(nth(&r, 4), nth(&r, 4)->title, "AT&T <3");
	articles_free(&r.articles);
}

static void other_vocabularies_do_not_pass_for_the_core(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<rss xmlns:media='http://search.yahoo.com/mrss/' xmlns:x='http://x.example/'>"
		  "<channel><item><x:title>X</x:title><media:title>M</media:title>"
		  "<media:group><media:description>md</media:description></media:group>"
		  "<x:description>xd</x:description></item></channel></rss>");
	assert_part(nth(&r, 1), nth(&r, 1)->title, "M");
	assert_text(nth(&r, 1), "md\n");
	articles_free(&r.articles);
}

static void what_is_not_well_formed_is_mended_and_told(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "\n<rss><channel><item><title>Fish & chips, caf&eacute;\x01</title>"
		  "<description><![CDATA[a & b]]></description></item>"
		  "<item><title>Two</title><content:encoded>body<br></content:encoded></item>"
		  "<item><title>Three</title><description>cut off he");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.told, 1);
	assert_int_equal(r.articles.count, 3);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "Fish & chips, caf\xC3\xA9");
	assert_text(nth(&r, 1), "a & b\n");
	assert_true(nth(&r, 1)->flags & ARTICLE_RECOVERED);
	assert_text(nth(&r, 2), "body\n");
	assert_part(nth(&r, 3), nth(&r, 3)->title, "Three");
	articles_free(&r.articles);
}

static void what_is_no_feed_is_refused(void **state)
{
	static const char *const documents[] = {
		"",         "plain text", "<urlset><url/></urlset>", "<rss><channel", "\x89PNG\r\n",
		"{\"a\":1}"
	};
	struct reading_of r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		read_text(&r, TEXT_XML, documents[i]);
		assert_int_equal(r.st, STATUS_MALFORMED);
		assert_string_not_equal(r.problem.why, "");
		assert_int_equal(r.articles.count, 0);
	}
	read_text(&r, TEXT_XML, "<rss><channel><title>empty</title></channel></rss>");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 0);
	articles_free(&r.articles);
}

static void a_broken_feed_is_told_in_plain_words(void **state)
{
	static const struct {
		const char *document, *why;
		uint32_t line;
	} rows[] = {
		{ "<rss>\n<channel><title>a &b", "a bare & or < stands in its text", 2 },
		{ "<rss>\n<channel>\n</rss>", "an end tag in it does not match its start tag", 3 },
		{ "<rss><channel><title>a", "it ends or breaks off inside of an element", 1 },
		{ "<rss>&euro;</rss>", "a name like &nbsp; that XML does not know", 1 },
		{ "no feed", "it does not begin with a tag", 1 },
		{ "<rss a=1></rss>", "its markup is broken", 1 },
	};
	struct reading_of r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		read_text(&r, TEXT_XML, rows[i].document);
		assert_int_equal(r.st, STATUS_MALFORMED);
		assert_non_null(strstr(r.problem.why, rows[i].why));
		assert_non_null(strstr(r.problem.why, "fetch the file again"));
		assert_int_equal(r.problem.line, rows[i].line);
	}
	articles_free(&r.articles);
}

static void a_page_in_xml_is_read_as_a_page(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>T</title></head>"
		  "<body><p>Some text.</p></body></html>");
	assert_int_equal(r.articles.count, 1);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "T");
	assert_text(nth(&r, 1), "Some text.\n");
	articles_free(&r.articles);
}

static void entities_are_never_fetched_or_multiplied(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>"
		  "<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
		  "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY s 'Site'>]>"
		  "<rss><channel><item><title>&s; &x;&c;</title><description>&c;.</description>"
		  "</item></channel></rss>");
	assert_int_equal(r.articles.count, 1);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "Site");
	assert_text(nth(&r, 1), "");
	assert_int_equal(r.told, 1);
	read_text(&r, TEXT_XML,
		  "<!DOCTYPE rss [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>"
		  "<rss><channel><item><title>T</title><link href='&a;'/></item></channel></rss>");
	assert_true(r.st == STATUS_OK || r.st == STATUS_MALFORMED);
	articles_free(&r.articles);
}

/* A feed with n attributes declared, each with a default: what libxml2 needs hours for. */
static void put_declared_attributes(struct bytes *out, unsigned n)
{
	put_text(out, "<?xml version='1.0'?><!-- ' --><!DOCTYPE rss [<!ENTITY s ']>'>");
	for (unsigned i = 0; i < n; i++)
		put_format(out, "<!ATTLIST item a%u CDATA 'x'>", i);
	put_text(out, "]><rss><channel>");
	for (unsigned i = 0; i < 500; i++)
		put_text(out, "<item><title>T</title></item>");
	put_text(out, "</channel></rss>");
	put_u8(out, '\0');
}

static void declared_attributes_cost_little(void **state)
{
	struct reading_of r = { 0 };
	struct bytes xml = { 0 };

	(void)state;
	put_declared_attributes(&xml, 60000);
	assert_false(xml.failed);
	read_text(&r, TEXT_XML, xml.p);
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 500);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "T");
	articles_free(&r.articles);
	bytes_free(&xml);
}

static void declarations_that_write_declarations_are_left_out(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<!DOCTYPE rss [<!ENTITY % p '&#60;!ATTLIST item a CDATA \"x\">'>%p;"
		  "<!ENTITY s 'Site'>]><rss><channel><item><title>T &eacute;</title></item>"
		  "</channel></rss>");
	assert_int_equal(r.articles.count, 1);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "T \xC3\xA9");
	articles_free(&r.articles);
}

static void declared_charsets_are_believed(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<?xml version='1.0' encoding='windows-1251'?><rss><channel><item>"
		  "<title>\xCF\xF0\xE8</title></item></channel></rss>");
	assert_part(nth(&r, 1), nth(&r, 1)->title, "\xD0\x9F\xD1\x80\xD0\xB8");
	read_text(&r, TEXT_XML,
		  "<?xml version='1.0' encoding='utf-8'?><rss><channel><item>"
		  "<title>a\xFF</title></item></channel></rss>");
	assert_part(nth(&r, 1), nth(&r, 1)->title, "a\xEF\xBF\xBD");
	assert_true(nth(&r, 1)->flags & ARTICLE_LOSSY);
	articles_free(&r.articles);
}

static void an_element_with_very_many_attributes_costs_little(void **state)
{
	struct reading_of r = { 0 };
	size_t len = 0, count = 200000;
	char *xml = malloc(count * 20 + 200);

	(void)state;
	assert_non_null(xml);
	len += (size_t)sprintf(xml, "<rss");
	for (size_t i = 0; i < count; i++)
		len += (size_t)sprintf(xml + len, " a%zu='' ", i);
	len += (size_t)sprintf(xml + len,
			       "><channel><item><title>T</title></item></channel></rss>");
	read_bytes(&r, TEXT_XML, xml, len);
	assert_int_equal(r.st, STATUS_OK);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "T");
	free(xml);
	articles_free(&r.articles);
}

static void a_feed_inside_of_a_page_is_found(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_XML,
		  "<html><body><feed><entry><title>E</title></entry></feed></body></html>");
	assert_int_equal(r.articles.count, 1);
	assert_part(nth(&r, 1), nth(&r, 1)->title, "E");
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_rss_item_gives_all_its_fields),
		cmocka_unit_test(descriptions_are_html_or_text_as_they_look),
		cmocka_unit_test(an_item_without_text_is_an_empty_article),
		cmocka_unit_test(rdf_items_stand_beside_their_channel),
		cmocka_unit_test(atom_content_is_read_by_its_type),
		cmocka_unit_test(titles_escaped_once_too_often_are_decoded),
		cmocka_unit_test(other_vocabularies_do_not_pass_for_the_core),
		cmocka_unit_test(what_is_not_well_formed_is_mended_and_told),
		cmocka_unit_test(what_is_no_feed_is_refused),
		cmocka_unit_test(a_broken_feed_is_told_in_plain_words),
		cmocka_unit_test(a_page_in_xml_is_read_as_a_page),
		cmocka_unit_test(entities_are_never_fetched_or_multiplied),
		cmocka_unit_test(declared_attributes_cost_little),
		cmocka_unit_test(declarations_that_write_declarations_are_left_out),
		cmocka_unit_test(declared_charsets_are_believed),
		cmocka_unit_test(an_element_with_very_many_attributes_costs_little),
		cmocka_unit_test(a_feed_inside_of_a_page_is_found),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
