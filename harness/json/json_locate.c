#include "json.h"

#include "json_text.h"

#include <string.h>

/* Walks text that json_parse has accepted; on other text it may only give up or find a wrong place. */
struct walk {
    const char *at, *end;
    struct buf key;
};

static void skip_space(struct walk *w)
{
    while (w->at < w->end && (*w->at == ' ' || *w->at == '\n' || *w->at == '\t' || *w->at == '\r'))
        w->at++;
}

static bool skip_string(struct walk *w)
{
    for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
        if (*w->at == '\\')
            w->at++;
    w->at++;
    return w->at <= w->end;
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* One string, bracket, separator or other word. */
static bool skip_token(struct walk *w, long *open)
{
    skip_space(w);
    if (w->at >= w->end)
        return false;
    if (*w->at == '"')
        return skip_string(w);
    char c = *w->at++;
    *open += is_one_of(c, "{[") - is_one_of(c, "}]");
    while (!is_one_of(c, "{}[],:") && w->at < w->end && !is_one_of(*w->at, "{}[],:\" \n\t\r"))
        w->at++;
    return true;
}

static bool skip_value(struct walk *w)
{
    long open = 0;
    do {
        if (!skip_token(w, &open))
            return false;
    } while (open > 0);
    return true;
}

static bool read_key(struct walk *w)
{
    const char *first = w->at;
    if (w->at >= w->end || *w->at != '"' || !skip_string(w))
        return false;
    struct json_object *key = NULL;
    bool fine = json_parse(first, (size_t)(w->at - first), &key, NULL) == STATUS_OK;
    buf_clear(&w->key);
    if (fine)
        fine = buf_append_text(&w->key, json_object_get_string(key)) == STATUS_OK;
    json_object_put(key);
    return fine;
}

/* From the start of a member to its value; *is_it where the key is token. */
static bool pass_key(struct walk *w, const char *token, bool *is_it)
{
    if (!read_key(w))
        return false;
    *is_it = strcmp(buf_text(&w->key), token) == 0;
    skip_space(w);
    w->at++; /* the colon */
    skip_space(w);
    return w->at < w->end;
}

/* Moves from an open bracket to the member or item that token names. */
static bool enter(struct walk *w, const char *token)
{
    char open = w->at < w->end ? *w->at : '\0';
    size_t index = 0;
    if (open != '{' && (open != '[' || !json_pointer_index(token, &index)))
        return false;
    for (size_t i = 0;; i++) {
        w->at++; /* the bracket, then the commas */
        skip_space(w);
        bool is_it = i == index;
        if (w->at >= w->end || *w->at == ']' || (open == '{' && !pass_key(w, token, &is_it)))
            return false;
        if (is_it)
            return true;
        if (!skip_value(w))
            return false;
        skip_space(w);
        if (w->at >= w->end || *w->at != ',')
            return false;
    }
}

bool json_locate(const char *text, size_t len, const char *pointer, long *line, long *column)
{
    struct walk w = {.at = text, .end = text + len, .key = BUF_INIT(1 << 20)};
    struct buf token = BUF_INIT(1 << 20);
    bool found = true;
    skip_space(&w);
    while (found && *pointer != '\0')
        found = json_pointer_next(&pointer, &token) && enter(&w, buf_text(&token));
    if (found)
        json_count_lines(text, w.at, line, column);
    buf_fini(&w.key);
    buf_fini(&token);
    return found;
}
