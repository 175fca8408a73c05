#include "program_json.h"

#include "commit.h"
#include "json.h"
#include "program_suite.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <check.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <libxml/parser.h>
#include <pcre2.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* Check tells its version as three numbers. */
static bool set_check(struct json_object *libraries)
{
    char text[48];
    snprintf(text, sizeof text, "%d.%d.%d", check_major_version, check_minor_version, check_micro_version);
    return json_set_text(libraries, "check", text);
}

/* libxml2 tells "20914", perhaps with the state of a repository behind it. */
static bool set_xml(struct json_object *libraries)
{
    char text[48];
    long number = strtol(xmlParserVersion, NULL, 10);
    snprintf(text, sizeof text, "%ld.%ld.%ld", number / 10000, number / 100 % 100, number % 100);
    return json_set_text(libraries, "libxml2", text);
}

/* "10.42 2022-12-11": the version is the first word. */
static bool set_pcre(struct json_object *libraries)
{
    char text[64];
    int len = pcre2_config(PCRE2_CONFIG_VERSION, NULL);
    if (len <= 0 || (size_t)len > sizeof text || pcre2_config(PCRE2_CONFIG_VERSION, text) < 0)
        return true;
    text[strcspn(text, " ")] = '\0';
    return json_set_text(libraries, "pcre2", text);
}

static struct json_object *libraries_to_json(void)
{
    struct json_object *libraries = json_object_new_object();
    bool ok = set_check(libraries);
    ok &= json_set_text(libraries, "libcurl", curl_version_info(CURLVERSION_NOW)->version);
    ok &= json_set_text(libraries, "json-c", json_c_version());
    ok &= set_xml(libraries);
    ok &= json_set_text(libraries, "libevent", event_get_version());
    ok &= json_set_text(libraries, "libyaml", yaml_get_version_string());
    ok &= set_pcre(libraries);
    ok &= json_set_text(libraries, "sqlite3", sqlite3_libversion());
    if (ok)
        return libraries;
    json_object_put(libraries);
    return NULL;
}

static struct json_object *suite_to_json(const struct assay_suite *suite)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "name", suite->name);
    if (suite->version && suite->version[0])
        ok &= json_set_text(o, "version", suite->version);
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

struct json_object *program_to_json(void)
{
    const struct assay_suite *suite = program_suite();
    struct json_object *program = json_object_new_object();
    bool ok = json_set_text(program, "version", ASSAY_VERSION);
    if (ASSAY_COMMIT[0])
        ok &= json_set_text(program, "commit", ASSAY_COMMIT);
    ok &= json_set_text(program, "compiler", COMPILER);
    ok &= json_set(program, "libraries", libraries_to_json());
    if (suite->name)
        ok &= json_set(program, "suite", suite_to_json(suite));
    if (ok)
        return program;
    json_object_put(program);
    return NULL;
}
