#include "config.h"

#include "buf.h"
#include "fs.h"
#include "our_schemas.h"
#include "program_suite.h"
#include "target_url.h"
#include "text.h"
#include "verb.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 64 };

/* ---- reading ---- */

/* What people get wrong about targets, in words that help and do not repeat a secret. */
static void explain(struct error *why)
{
    if (strncmp(why->pointer, "/targets/", 9) != 0)
        return;
    const char *last = strrchr(why->pointer, '/');
    if (strcmp(last, "/api_key") == 0)
        snprintf(why->text, sizeof why->text,
            "a key has no place in this file: name the variable that holds it (api_key_env), or a file "
            "(api_key_file)");
    else if (strstr(why->text, "does not match the pattern") && strcmp(last, "/name") != 0)
        snprintf(why->text, sizeof why->text,
            "expected http://host:port, https://host or sim:, without user and password (a key goes by "
            "api_key_env)");
}

static enum status read_yaml(const char *path, struct config *c, struct error *e)
{
    enum status s = yamldoc_read_file(path, &c->file, e);
    if (s != STATUS_OK || !c->file.tree)
        return s;
    struct error why = {0};
    s = schema_check(schema_for("config"), c->file.tree, &why);
    if (s != STATUS_OK) {
        explain(&why);
        yamldoc_locate(&c->file, &why);
        if (e)
            *e = why;
    }
    return s;
}

static enum status read_dotenv(struct config *c, struct error *e)
{
    enum status s = dotenv_read_file(".env", &c->env, e);
    if (s != STATUS_OK)
        return s;
    c->from_env = calloc(c->env.count + 1, sizeof *c->from_env);
    if (!c->from_env)
        return error_set(e, STATUS_NO_MEMORY, "no memory for .env");
    for (size_t i = 0; i < c->env.count; i++) {
        const struct dotenv_entry *entry = &c->env.entries[i];
        c->from_env[i] = getenv(entry->name) == NULL;
        if (c->from_env[i] && setenv(entry->name, entry->value, 0) != 0)
            return error_set_errno(e, ".env:%ld cannot be put into the environment", entry->line);
    }
    return STATUS_OK;
}

enum status config_open(const char *path, struct config *config, struct error *e)
{
    *config = (struct config){0};
    if (!path)
        path = getenv("ASSAY_CONFIG");
    if (path && strcmp(path, CONFIG_NONE) == 0)
        return STATUS_OK;
    enum status s = STATUS_OK;
    if (path || fs_exists(CONFIG_FILE))
        s = read_yaml(path ? path : CONFIG_FILE, config, e);
    if (s == STATUS_OK && fs_exists(".env"))
        s = read_dotenv(config, e);
    if (s != STATUS_OK)
        config_fini(config);
    return s;
}

void config_fini(struct config *config)
{
    for (size_t i = 0; i < config->word_count; i++)
        free(config->words[i]);
    free(config->from_env);
    yamldoc_fini(&config->file);
    dotenv_fini(&config->env);
    *config = (struct config){0};
}

/* ---- applying ---- */

static enum status keep_word(
    struct config *c, const char *text, size_t len, const char **word, struct error *e)
{
    char *copy = c->word_count < CONFIG_WORDS_MAX ? strndup(text, len) : NULL;
    if (!copy)
        return error_set(e, STATUS_LIMIT, "more than %d words of configuration", CONFIG_WORDS_MAX);
    c->words[c->word_count++] = copy;
    *word = copy;
    return STATUS_OK;
}

/* One row of the table while a layer is applied. */
struct row {
    struct config *config;
    const struct opt *table;
    size_t index;
    void *options;
    bool *seen;
    char *origin; /* of struct config_origins */
};

static enum status set_word(const struct row *r, const char *text, size_t len, struct error *e)
{
    const char *word = NULL;
    enum status s = keep_word(r->config, text, len, &word, e);
    return s == STATUS_OK ? opt_set(r->table, r->options, r->table[r->index].name, word, r->seen, e) : s;
}

/* A scalar of the file as text; a target of the list is its URL. */
static enum status set_value(const struct row *r, const struct json_object *value, struct error *e)
{
    const char *url = json_get_text(value, "/url");
    if (url)
        return set_word(r, url, strlen(url), e);
    const char *text = json_get_text(value, "");
    if (text)
        return set_word(r, text, strlen(text), e);
    struct buf scalar = BUF_INIT(512);
    enum status s = json_write(value, &scalar, e);
    const char *end = strstr(buf_text(&scalar), ".0"); /* 3.0 where a whole number is meant */
    size_t len = end && end[2] == '\0' ? (size_t)(end - buf_text(&scalar)) : scalar.len;
    if (s == STATUS_OK)
        s = set_word(r, buf_text(&scalar), len, e);
    buf_fini(&scalar);
    return s;
}

static enum status apply_file(const struct row *r, const char *key, struct error *e)
{
    const struct yamldoc *file = &r->config->file;
    char pointer[KEY_SIZE + 1];
    struct json_object *value;
    snprintf(pointer, sizeof pointer, "/%s", key);
    if (!file->tree || !json_find(file->tree, pointer, &value) || !value)
        return STATUS_OK;
    enum status s = STATUS_OK;
    struct json_object *list = json_get_array(value, "");
    if (!list)
        s = set_value(r, value, e);
    for (size_t i = 0; list && s == STATUS_OK && i < json_object_array_length(list); i++)
        s = set_value(r, json_object_array_get_idx(list, i), e);
    long line = 0, column = 0;
    yamldoc_place_of(file, pointer, &line, &column);
    snprintf(r->origin, sizeof((struct config_origins *)0)->rows[0], "%s:%ld", file->name, line);
    if (s != STATUS_OK)
        error_locate(e, file->name, line, column, pointer);
    return s;
}

static enum status apply_words(const struct row *r, const char *text, struct error *e)
{
    static const char separators[] = " \t\n,";
    enum status s = STATUS_OK;
    while (s == STATUS_OK && *(text += strspn(text, separators))) {
        size_t len = strcspn(text, separators);
        s = set_word(r, text, len, e);
        text += len;
    }
    return s;
}

static long dotenv_line(const struct config *c, const char *variable)
{
    for (size_t i = 0; i < c->env.count; i++)
        if (c->from_env[i] && strcmp(c->env.entries[i].name, variable) == 0)
            return c->env.entries[i].line;
    return 0;
}

static enum status apply_environment(const struct row *r, const char *key, struct error *e)
{
    char variable[KEY_SIZE + 8];
    snprintf(variable, sizeof variable, "ASSAY_%s", key);
    for (char *c = variable; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    const char *value = getenv(variable);
    if (!value || !value[0])
        return STATUS_OK;
    enum status s =
        r->table[r->index].kind == OPT_LIST ? apply_words(r, value, e) : set_word(r, value, strlen(value), e);
    long line = dotenv_line(r->config, variable);
    size_t size = sizeof((struct config_origins *)0)->rows[0];
    if (line > 0)
        snprintf(r->origin, size, ".env:%ld", line);
    else
        snprintf(r->origin, size, "environment %s", variable);
    if (s != STATUS_OK)
        error_locate(e, line > 0 ? ".env" : variable, line, 0, NULL);
    return s;
}

enum status config_apply(struct config *config, const struct opt *table, void *options,
    struct config_origins *origins, struct error *e)
{
    static enum status (*const layers[])(const struct row *, const char *, struct error *) = {
        apply_file, apply_environment};
    enum status s = STATUS_OK;
    memset(origins, 0, sizeof *origins);
    for (size_t layer = 0; layer < 2; layer++) {
        bool seen[OPT_TABLE_MAX] = {false};
        for (size_t i = 0; s == STATUS_OK && table[i].name; i++) {
            char key[KEY_SIZE];
            struct row row = {config, table, i, options, seen, origins->rows[i]};
            opt_key(&table[i], key, sizeof key);
            if (!table[i].flag_only)
                s = layers[layer](&row, key, e);
        }
    }
    return s;
}

/* --config FILE must be known before everything else; the parser will see it again. */
static const char *find_config_option(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--config=", 9) == 0)
            return argv[i] + 9;
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    return NULL;
}

/*
 * --config is looked for in argv, file and environment are applied, then the command line. first_operand as in
 * opt_parse.
 */
static enum status apply_layers(struct config *config, const struct opt *table, void *options, int argc,
    char **argv, int *first_operand, struct config_origins *origins, struct error *e)
{
    bool seen[OPT_TABLE_MAX] = {false};
    enum status s = config_open(find_config_option(argc, argv), config, e);
    if (s == STATUS_OK)
        s = config_apply(config, table, options, origins, e);
    if (s == STATUS_OK)
        s = opt_parse_layer(table, options, argc, argv, first_operand, seen, e);
    for (size_t i = 0; s == STATUS_OK && table[i].name; i++)
        if (seen[i])
            snprintf(origins->rows[i], sizeof origins->rows[i], "%s", CONFIG_COMMAND_LINE);
    return s == STATUS_INVALID || s == STATUS_NOT_FOUND ? error_set(e, STATUS_USAGE, "%s", error_text(e)) : s;
}

bool config_begin(const struct opt_usage *usage, const struct opt *table, void *options, int argc,
    char **argv, int *first_operand, int *exit_code, struct config *config, struct config_origins *origins)
{
    struct error e = {0};
    if (opt_help_asked(argc, argv)) {
        verb_print_help(usage, table);
        *exit_code = EXIT_FINE;
        return false;
    }
    if (apply_layers(config, table, options, argc, argv, first_operand, origins, &e) == STATUS_OK)
        return true;
    *exit_code = verb_fail(usage->verb, &e);
    fprintf(stderr, "See %s %s --help.\n", program_name(), usage->verb);
    return false;
}

/* ---- targets ---- */

static enum status read_key_file(const char *path, char **api_key, struct error *e)
{
    struct buf text = BUF_INIT(65536);
    enum status s = fs_read_file(path, &text, e);
    size_t len = s == STATUS_OK ? strcspn(buf_text(&text), "\r\n") : 0;
    if (s == STATUS_OK && len == 0)
        s = error_set(e, STATUS_NOT_FOUND, "the key file %s is empty", path);
    if (s == STATUS_OK && !(*api_key = strndup(buf_text(&text), len)))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for a key");
    if (text.data)
        memset(text.data, 0, text.cap);
    buf_fini(&text);
    return s;
}

static enum status read_key(const struct json_object *target, char **api_key, struct error *e)
{
    const char *variable = json_get_text(target, "/api_key_env"),
               *path = json_get_text(target, "/api_key_file");
    if (!variable)
        return path ? read_key_file(path, api_key, e) : STATUS_OK;
    const char *value = getenv(variable);
    if (!value || !value[0])
        return error_set(e, STATUS_NOT_FOUND, "the variable %s, which is to hold the key of %s, is not set",
            variable, json_get_text(target, "/url"));
    *api_key = strdup(value);
    return *api_key ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for a key");
}

/* 2 as well as "2". */
static enum status read_http(const struct json_object *target, struct http_transport *way, struct error *e)
{
    struct json_object *http = json_get(target, "/http");
    const char *text = json_get_text(target, "/http");
    struct buf number = BUF_INIT(64);
    enum status s = http && !text ? json_write(http, &number, e) : STATUS_OK;
    if (s == STATUS_OK && http)
        s = http_transport_set_http(way, text ? text : buf_text(&number), e);
    buf_fini(&number);
    return s;
}

/* What stands at the target itself replaces what stands beside all of them; headers are added. */
static enum status read_transport(
    const struct json_object *target, struct http_transport *way, struct error *e)
{
    const struct {
        const char *pointer;
        char **field;
    } texts[] = {{"/cacert", &way->ca_file}, {"/cert", &way->cert_file}, {"/cert_key", &way->key_file},
        {"/unix_socket", &way->unix_socket}, {"/proxy", &way->proxy}};
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = json_get_text(target, texts[i].pointer);
        if (text)
            s = http_transport_set(texts[i].field, text, e);
    }
    if (s == STATUS_OK)
        s = read_http(target, way, e);
    struct json_object *headers = json_get_array(target, "/headers");
    for (size_t i = 0; s == STATUS_OK && headers && i < json_object_array_length(headers); i++)
        s = transport_options_header(way, json_object_get_string(json_object_array_get_idx(headers, i)), e);
    (void)json_get_bool(target, "/insecure", &way->insecure);
    return s;
}

static const struct json_object *find_target(const struct config *config, const char *url)
{
    const struct json_object *targets =
        config && config->file.tree ? json_get_array(config->file.tree, "/targets") : NULL;
    for (size_t i = 0; targets && i < json_object_array_length(targets); i++) {
        const struct json_object *target = json_object_array_get_idx(targets, i);
        const char *known = json_get_text(target, "/url");
        if (known && strcmp(known, url) == 0)
            return target;
    }
    return NULL;
}

enum status config_target(const struct config *config, const char *url, const struct transport_options *usual,
    struct config_target *said, struct error *e)
{
    const struct json_object *target = find_target(config, url);
    *said = (struct config_target){0};
    enum status s = usual ? transport_options_apply(usual, &said->transport, e) : STATUS_OK;
    if (s != STATUS_OK || !target)
        return s;
    const char *given = json_get_text(target, "/name");
    if (given && !(said->name = strdup(given)))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the name of a target");
    s = read_key(target, &said->api_key, e);
    return s == STATUS_OK ? read_transport(target, &said->transport, e) : s;
}

void config_target_fini(struct config_target *said)
{
    free(said->name);
    target_forget_secret(said->api_key);
    http_transport_fini(&said->transport);
    *said = (struct config_target){0};
}
