/* Calls of functions and instances of schemas, as the simulated server writes them. */
#include "sim_form.h"

#include "sim_chat_parts.h"
#include "sim_instance.h"
#include "testkit.h"

#include <string.h>

static struct json_object *tree_of(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s: %s", text, error_text(&why));
    return tree;
}

/* sim_instance_make checks what it makes: an instance that comes out is one. */
static void an_instance_is_made_of_what_schemas_say(void)
{
    static const char *const schemas[] = {"{}", "{\"type\":\"object\"}", "{\"const\":7}",
        "{\"enum\":[\"a\",\"b\"]}", "{\"type\":[\"integer\",\"null\"],\"minimum\":5,\"maximum\":5}",
        "{\"type\":\"integer\",\"exclusiveMinimum\":5,\"exclusiveMaximum\":7}",
        "{\"type\":\"number\",\"maximum\":-3.5}", "{\"type\":\"integer\",\"minimum\":10,\"multipleOf\":7}",
        "{\"type\":\"string\",\"minLength\":40,\"maxLength\":41}", "{\"type\":\"string\",\"maxLength\":2}",
        "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":5,\"uniqueItems\":true}",
        "{\"type\":\"array\",\"maxItems\":0,\"items\":{}}",
        "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"boolean\"},{\"const\":2}],\"items\":false}",
        "{\"type\":\"object\",\"required\":[\"x\"],\"additionalProperties\":{\"type\":\"string\"}}",
        "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}",
        "{\"$ref\":\"#/$defs/p\",\"$defs\":{\"p\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
        "\"string\",\"format\":\"date-time\"}},\"required\":[\"a\"],\"additionalProperties\":false}}}",
        "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"number\"},\"next\":{\"$ref\":\"#\"}},"
        "\"required\":[\"value\"]}",
        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"age\":{\"type\":\"integer\","
        "\"minimum\":0,\"maximum\":150},\"languages\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
        "\"maxItems\":3}},\"required\":[\"name\",\"age\",\"languages\"],\"additionalProperties\":false}"};
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        struct error why = {0};
        struct json_object *schema = tree_of(schemas[i]), *instance = sim_instance_make(schema, &why);
        ck_assert_msg(instance != NULL, "%s: %s", schemas[i], error_text(&why));
        json_object_put(instance);
        json_object_put(schema);
    }
}

static void what_has_no_instance_is_said(void)
{
    static const char *const schemas[] = {"{\"type\":\"nonsense\"}", "{\"$ref\":\"#\"}",
        "{\"$ref\":\"http://example.org/x\"}", "{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}",
        "{\"type\":\"string\",\"pattern\":\"^[0-9]{4}$\"}", "{\"type\":\"string\",\"minLength\":100000}",
        "{\"type\":\"array\",\"minItems\":1000000}", "{\"not\":{}}", "{\"type\":3}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}"};
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        struct error why = {0};
        struct json_object *schema = tree_of(schemas[i]), *instance = sim_instance_make(schema, &why);
        ck_assert_msg(instance == NULL && error_text(&why)[0], "%s", schemas[i]);
        json_object_put(schema);
    }
}

static const char tools[] =
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"add_numbers\"}},{\"type\":\"function\","
    "\"function\":{\"name\":\"get_weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{"
    "\"type\":\"string\"}},\"required\":[\"city\"],\"additionalProperties\":false}}}]";

/* The form of the answer to that message, in words: "prose", or its text. */
static void ask(const char *message, const char *more, const char *scenario_text, struct buf *said)
{
    struct buf body = BUF_INIT(1 << 16);
    struct sim_scenario scenario;
    struct sim_chat chat;
    struct sim_refusal refusal;
    buf_printf(&body, "{\"model\":\"m\",\"messages\":[%s],%s%s}", message, tools, more);
    ck_assert_int_eq(sim_scenario_parse(scenario_text, strlen(scenario_text), &scenario, NULL), STATUS_OK);
    ck_assert_msg(sim_chat_parse(buf_text(&body), body.len, &chat, &refusal), "%s", refusal.message);
    buf_clear(said);
    if (!sim_form_make(&chat.form, &scenario, &chat, &refusal))
        buf_append_text(said, refusal.message);
    else if (chat.form.kind == SIM_FORM_PROSE)
        buf_append_text(said, "prose");
    else
        buf_append(said, chat.form.text, chat.form.len);
    sim_chat_fini(&chat);
    sim_scenario_fini(&scenario);
    buf_fini(&body);
}

static const char weather[] = "{\"role\":\"user\",\"content\":\"The Weather in Lisbon?\"}";
static const char morning[] = "{\"role\":\"user\",\"content\":\"Good morning!\"}";
static const char returned[] = "{\"role\":\"user\",\"content\":\"The weather?\"},{\"role\":\"assistant\","
                               "\"content\":null},{\"role\":\"tool\",\"content\":\"rain\"}";
static const char plain[] = "{\"name\":\"x\"}";
static const char call[] = "get_weather{\"city\":\"amber\"}";

static void a_function_is_called_where_it_is_meant_or_demanded(void)
{
    static const struct {
        const char *message, *more, *scenario, *said;
    } rows[] = {
        {weather, "", plain, call},
        {morning, "", plain, "prose"},
        {returned, "", plain, "prose"},
        {weather, ",\"tool_choice\":\"none\"", plain, "prose"},
        {weather, ",\"tool_choice\":\"required\"", plain, call},
        {morning, ",\"tool_choice\":\"required\"", plain, "add_numbers{}"},
        {morning, ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}", plain,
            call},
        {weather, "", "{\"name\":\"x\",\"tools\":\"prose\"}", "prose"},
        {weather, "", "{\"name\":\"x\",\"tools\":\"wrong_name\"}", "no_such_function{\"city\":\"amber\"}"},
        {weather, "", "{\"name\":\"x\",\"tools\":\"wrong_arguments\"}", "get_weather{\"unexpected\":[null]}"},
        {weather, "", "{\"name\":\"x\",\"tools\":\"broken\"}", "get_weather{\"city\":"},
        {weather, "", "{\"name\":\"x\",\"tools\":\"leaked\"}",
            "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\":\"amber\"}}\n</tool_call>"},
        {morning, "", "{\"name\":\"x\",\"tools\":\"refused\"}", "this model does not support tools"},
        {morning, ",\"response_format\":{\"type\":\"json_object\"}", plain, "{}"},
        {morning, ",\"format\":\"json\"", "{\"name\":\"x\",\"schema\":\"fenced\"}", "```json\n{}\n```"},
        {morning, ",\"format\":{\"type\":\"integer\"}", "{\"name\":\"x\",\"schema\":\"wrong\"}",
            "{\"unexpected\":[null]}"},
        {morning, ",\"format\":\"json\"", "{\"name\":\"x\",\"schema\":\"prose\"}", "prose"},
        {morning, ",\"format\":\"json\"", "{\"name\":\"x\",\"schema\":\"refused\"}",
            "this model does not support response_format"},
    };
    struct buf said = BUF_INIT(1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(rows[i].message, rows[i].more, rows[i].scenario, &said);
        ck_assert_msg(strcmp(buf_text(&said), rows[i].said) == 0, "row %zu: %s", i, buf_text(&said));
    }
    buf_fini(&said);
}

static void tokens_of_a_form_are_its_text(void)
{
    char text[] = "get_weather{\"city\":\"größe und \xf0\x9f\x8c\xa7 abcdefghijklmnopqrstuvwxyz\"}";
    struct sim_form form = {.text = text, .len = sizeof text - 1, .name_len = 11};
    size_t at = 0, n = 0;
    int64_t count = 0;
    ck_assert_uint_eq(sim_form_piece(&form, 0), 11);
    for (; (n = sim_form_piece(&form, at)) > 0; at += n, count++)
        ck_assert_msg(((unsigned char)text[at + n] & 0xc0) != 0x80, "cut inside a character at %zu", at + n);
    ck_assert_uint_eq(at, form.len);
    ck_assert_int_eq(count, sim_form_count(&form));
    ck_assert_int_gt(count, 6);
}

static void requests_for_nothing_known_are_refused(void)
{
    static const char *const members[] = {"\"tools\":3", "\"tools\":[{}]",
        "\"tools\":[{\"function\":{\"name\":7}}]", "\"tool_choice\":[]", "\"response_format\":{}",
        "\"response_format\":{\"type\":\"json_schema\"}", "\"response_format\":{\"type\":\"xml\"}",
        "\"format\":\"xml\""};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct buf body = BUF_INIT(1 << 16);
        struct sim_chat chat;
        struct sim_refusal refusal;
        buf_printf(&body, "{\"model\":\"m\",\"messages\":[%s],%s}", morning, members[i]);
        ck_assert_msg(!sim_chat_parse(buf_text(&body), body.len, &chat, &refusal), "%s", members[i]);
        ck_assert_int_eq(refusal.status, 400);
        sim_chat_fini(&chat);
        buf_fini(&body);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_instance_is_made_of_what_schemas_say),
        TESTKIT_TEST(what_has_no_instance_is_said),
        TESTKIT_TEST(a_function_is_called_where_it_is_meant_or_demanded),
        TESTKIT_TEST(tokens_of_a_form_are_its_text),
        TESTKIT_TEST(requests_for_nothing_known_are_refused),
        {0},
    };
    return testkit_run("sim_form", tests);
}
