#include "schema_uri.h"
#include "testkit.h"

#include <string.h>

static void references_resolve_as_rfc_3986_says(void)
{
    static const struct {
        const char *base, *reference, *resolved;
    } cases[] = {
        /* Section 5.4.1 */
        {"http://a/b/c/d;p?q", "g:h", "g:h"},
        {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
        {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
        {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
        {"http://a/b/c/d;p?q", "/g", "http://a/g"},
        {"http://a/b/c/d;p?q", "//g", "http://g"},
        {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
        {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
        {"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q#s"},
        {"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g#s"},
        {"http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y#s"},
        {"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
        {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
        {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
        {"http://a/b/c/d;p?q", "./", "http://a/b/c/"},
        {"http://a/b/c/d;p?q", "..", "http://a/b/"},
        {"http://a/b/c/d;p?q", "../", "http://a/b/"},
        {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
        {"http://a/b/c/d;p?q", "../..", "http://a/"},
        {"http://a/b/c/d;p?q", "../../g", "http://a/g"},
        /* Section 5.4.2 */
        {"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "../../../../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "/./g", "http://a/g"},
        {"http://a/b/c/d;p?q", "/../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "g.", "http://a/b/c/g."},
        {"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"},
        {"http://a/b/c/d;p?q", "./../g", "http://a/b/g"},
        {"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
        {"http://a/b/c/d;p?q", "g/./h", "http://a/b/c/g/h"},
        {"http://a/b/c/d;p?q", "g/../h", "http://a/b/c/h"},
        {"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
        {"http://a/b/c/d;p?q", "g#s/../x", "http://a/b/c/g#s/../x"},
        /* What schemas use beside these. */
        {"", "#/$defs/a", "#/$defs/a"},
        {"", "a.json", "a.json"},
        {"urn:assay:schema:record:1.0.0", "#/$defs/n", "urn:assay:schema:record:1.0.0#/$defs/n"},
        {"urn:uuid:x", "urn:uuid:y#z", "urn:uuid:y#z"},
        {"http://host", "a", "http://host/a"},
        {"http://host/a#old", "b", "http://host/b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT(1000);
        ck_assert_int_eq(schema_uri_resolve(cases[i].base, cases[i].reference, &out), STATUS_OK);
        ck_assert_msg(strcmp(buf_text(&out), cases[i].resolved) == 0, "%s + %s = %s", cases[i].base,
            cases[i].reference, buf_text(&out));
        buf_fini(&out);
    }
}

static void percent_signs_are_decoded_or_refused(void)
{
    struct buf out = BUF_INIT(1000);
    ck_assert(schema_uri_decode("/a%25b%2F%c3%A4", &out));
    ck_assert_str_eq(buf_text(&out), "/a%b/\xc3\xa4");
    static const char *const refused[] = {"%", "%4", "%4g", "%00", "a%zz"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        buf_clear(&out);
        ck_assert_msg(!schema_uri_decode(refused[i], &out), "%s", refused[i]);
    }
    buf_fini(&out);
}

static void a_full_buffer_is_a_limit(void)
{
    struct buf out = BUF_INIT(5);
    ck_assert_int_eq(schema_uri_resolve("http://a/b", "c", &out), STATUS_LIMIT);
    buf_fini(&out);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(references_resolve_as_rfc_3986_says),
        TESTKIT_TEST(percent_signs_are_decoded_or_refused),
        TESTKIT_TEST(a_full_buffer_is_a_limit),
        {0},
    };
    return testkit_run("URIs of schemas", tests);
}
