#include "opt.h"

#include "text.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* Where the parser stands: options found so far are in argv[1..options_end), operands in
 * argv[options_end..at). */
struct parse {
    const struct opt *table;
    char *fields; /* the options struct */
    int argc;
    char **argv;
    int at, options_end;
    bool *seen; /* NULL, or a mark for each row that was set */
    struct error *e;
};

/* Before a value is stored: the first one of a layer drops what a list held before. */
static void mark_seen(const struct parse *p, const struct opt *o)
{
    size_t row = (size_t)(o - p->table);
    if (p->seen == NULL || row >= OPT_TABLE_MAX)
        return;
    if (o->kind == OPT_LIST && !p->seen[row])
        ((struct opt_list *)(void *)(p->fields + o->offset))->count = 0;
    p->seen[row] = true;
}

static const struct opt *find_name(const struct opt *table, const char *name, size_t len)
{
    for (; table->name != NULL; table++)
        if (strlen(table->name) == len && memcmp(table->name, name, len) == 0)
            return table;
    return NULL;
}

static const struct opt *find_letter(const struct opt *table, char letter)
{
    for (; table->name != NULL; table++)
        if (table->letter == letter)
            return table;
    return NULL;
}

static enum status unknown_name(const struct parse *p, const char *name, size_t len)
{
    char asked[64];
    (void)snprintf(asked, sizeof asked, "%.*s", (int)len, name);
    const char *nearest = NULL;
    size_t distance, best = SIZE_MAX;
    for (const struct opt *o = p->table; o->name != NULL; o++) {
        if (!o->hidden && text_is_near(asked, o->name, &distance) && distance < best) {
            nearest = o->name;
            best = distance;
        }
    }
    if (nearest == NULL && text_is_near(asked, "help", &distance))
        nearest = "help";
    if (nearest != NULL)
        return error_set(p->e, STATUS_USAGE, "there is no option --%s; did you mean --%s?", asked, nearest);
    return error_set(p->e, STATUS_USAGE, "there is no option --%s", asked);
}

static enum status bad_value(
    const struct parse *p, const struct opt *o, const char *value, const char *wanted)
{
    return error_set(p->e, STATUS_USAGE, "--%s: \"%s\" is not %s", o->name, value, wanted);
}

static enum status out_of_range(const struct parse *p, const struct opt *o, const char *value)
{
    char low[64], high[64];
    text_format_number(low, sizeof low, o->min);
    text_format_number(high, sizeof high, o->max);
    return error_set(p->e, STATUS_USAGE, "--%s: %s is not between %s and %s", o->name, value, low, high);
}

static bool in_range(const struct opt *o, double value)
{
    return o->max <= o->min || (value >= o->min && value <= o->max);
}

static enum status store_int(const struct parse *p, const struct opt *o, const char *value)
{
    int64_t v;
    if (!text_parse_i64(value, &v))
        return bad_value(p, o, value, "a whole number");
    if (!in_range(o, (double)v))
        return out_of_range(p, o, value);
    memcpy(p->fields + o->offset, &v, sizeof v);
    return STATUS_OK;
}

static enum status store_real(const struct parse *p, const struct opt *o, const char *value)
{
    double v;
    if (!text_parse_double(value, &v))
        return bad_value(p, o, value, "a number");
    if (!in_range(o, v))
        return out_of_range(p, o, value);
    memcpy(p->fields + o->offset, &v, sizeof v);
    return STATUS_OK;
}

static enum status store_text(const struct parse *p, const struct opt *o, const char *value)
{
    memcpy(p->fields + o->offset, &value, sizeof value);
    return STATUS_OK;
}

static enum status store_duration(const struct parse *p, const struct opt *o, const char *value)
{
    int64_t ns;
    if (!text_parse_duration_ns(value, &ns))
        return bad_value(p, o, value, "a time such as 250ms, 1.5s, 10m or 2h");
    if (o->positive && ns == 0)
        return bad_value(p, o, value, "a time above 0, such as 250ms, 1.5s, 10m or 2h");
    memcpy(p->fields + o->offset, &ns, sizeof ns);
    return STATUS_OK;
}

static enum status store_bytes(const struct parse *p, const struct opt *o, const char *value)
{
    int64_t bytes;
    if (!text_parse_bytes(value, &bytes))
        return bad_value(p, o, value, "a size such as 4096, 64KiB or 1.5GB");
    memcpy(p->fields + o->offset, &bytes, sizeof bytes);
    return STATUS_OK;
}

static enum status store_list(const struct parse *p, const struct opt *o, const char *value)
{
    struct opt_list *list = (void *)(p->fields + o->offset);
    if (list->count >= OPT_LIST_MAX)
        return error_set(p->e, STATUS_USAGE, "--%s may be given at most %d times", o->name, OPT_LIST_MAX);
    list->items[list->count++] = value;
    return STATUS_OK;
}

static enum status (*const store[])(const struct parse *, const struct opt *, const char *) = {
    [OPT_INT] = store_int,
    [OPT_REAL] = store_real,
    [OPT_TEXT] = store_text,
    [OPT_DURATION] = store_duration,
    [OPT_BYTES] = store_bytes,
    [OPT_LIST] = store_list,
};

/* A flag, or an optional value of which only the name was said. */
static void store_switch(const struct parse *p, const struct opt *o, bool on)
{
    int64_t value = on ? o->alone : OPT_NONE;
    mark_seen(p, o);
    if (o->kind == OPT_FLAG)
        memcpy(p->fields + o->offset, &on, sizeof on);
    else
        memcpy(p->fields + o->offset, &value, sizeof value);
}

/* Stores `value`, or the next argument where it is NULL; *used is raised for an argument that was taken. */
static enum status store_value(const struct parse *p, const struct opt *o, const char *value, int *used)
{
    if (value == NULL && p->at + *used >= p->argc)
        return error_set(
            p->e, STATUS_USAGE, "--%s needs a value: --%s %s", o->name, o->name, o->arg ? o->arg : "VALUE");
    if (value == NULL)
        value = p->argv[p->at + (*used)++];
    mark_seen(p, o);
    return store[o->kind](p, o, value);
}

static enum status take_long(const struct parse *p, int *used)
{
    const char *name = p->argv[p->at] + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct opt *o = find_name(p->table, name, len);
    bool on = true;
    if (o == NULL && len > 3 && strncmp(name, "no-", 3) == 0) {
        o = find_name(p->table, name + 3, len - 3);
        on = false;
        if (o != NULL && o->kind != OPT_FLAG && !o->optional)
            return error_set(
                p->e, STATUS_USAGE, "there is no option --no-%s: --%s takes a value", o->name, o->name);
    }
    if (o == NULL)
        return unknown_name(p, name, len);
    if (o->kind != OPT_FLAG && (!o->optional || (on && value != NULL)))
        return store_value(p, o, value, used);
    if (value != NULL)
        return error_set(p->e, STATUS_USAGE, "--%.*s takes no value", (int)len, name);
    store_switch(p, o, on);
    return STATUS_OK;
}

/* "-v", "-vq" (flags together), "-p 80", "-p80", "-vp80". */
static enum status take_short(const struct parse *p, int *used)
{
    for (const char *letter = p->argv[p->at] + 1; *letter != '\0'; letter++) {
        const struct opt *o = find_letter(p->table, *letter);
        if (o == NULL)
            return error_set(p->e, STATUS_USAGE, "there is no option -%c", *letter);
        if (o->kind != OPT_FLAG && !o->optional)
            return store_value(p, o, letter[1] != '\0' ? letter + 1 : NULL, used);
        store_switch(p, o, true);
    }
    return STATUS_OK;
}

/* Moves the `used` arguments at p->at in front of the operands met before them. */
static void move_forward(struct parse *p, int used)
{
    for (int i = 0; i < used; i++) {
        char *moved = p->argv[p->at];
        int operands = p->at - p->options_end;
        memmove(p->argv + p->options_end + 1, p->argv + p->options_end, (size_t)operands * sizeof *p->argv);
        p->argv[p->options_end++] = moved;
        p->at++;
    }
}

enum status opt_parse(
    const struct opt *table, void *options, int argc, char **argv, int *first_operand, struct error *e)
{
    return opt_parse_layer(table, options, argc, argv, first_operand, NULL, e);
}

enum status opt_parse_layer(const struct opt *table, void *options, int argc, char **argv, int *first_operand,
    bool *seen, struct error *e)
{
    struct parse p = {.table = table,
        .fields = options,
        .argc = argc,
        .argv = argv,
        .at = 1,
        .options_end = 1,
        .seen = seen,
        .e = e};
    while (p.at < argc) {
        const char *arg = argv[p.at];
        if (strcmp(arg, "--") == 0) {
            move_forward(&p, 1);
            break;
        }
        if (arg[0] != '-' || arg[1] == '\0') { /* an operand; "-" is standard input */
            p.at++;
            continue;
        }
        int used = 1;
        enum status s = arg[1] == '-' ? take_long(&p, &used) : take_short(&p, &used);
        if (s != STATUS_OK)
            return s;
        move_forward(&p, used);
    }
    *first_operand = p.options_end < argc ? p.options_end : argc;
    return STATUS_OK;
}

static bool parse_flag(const char *value, bool *on)
{
    static const char *const words[] = {"true", "yes", "1", "false", "no", "0"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i]) != 0)
            continue;
        *on = i < 3;
        return true;
    }
    return false;
}

enum status opt_set(
    const struct opt *table, void *options, const char *name, const char *value, bool *seen, struct error *e)
{
    struct parse p = {.table = table, .fields = options, .seen = seen, .e = e};
    const struct opt *o = find_name(table, name, strlen(name));
    bool on = false;
    if (o == NULL)
        return unknown_name(&p, name, strlen(name));
    bool is_switch =
        (o->kind == OPT_FLAG || (o->optional && strcmp(value, "1") != 0)) && parse_flag(value, &on);
    if (o->kind == OPT_FLAG && !is_switch)
        return bad_value(&p, o, value, "true or false");
    mark_seen(&p, o);
    if (!is_switch)
        return store[o->kind](&p, o, value);
    store_switch(&p, o, on);
    return STATUS_OK;
}

void opt_key(const struct opt *o, char *key, size_t size)
{
    int len = (int)strlen(o->name);
    bool list = o->kind == OPT_LIST, y = list && len > 0 && o->name[len - 1] == 'y';
    (void)snprintf(key, size, "%.*s%s", len - y, o->name, y ? "ies" : list ? "s" : "");
    for (char *c = key; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
}

bool opt_help_asked(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}
