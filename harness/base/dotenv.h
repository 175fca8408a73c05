/*
 * dotenv.h - reads .env files: NAME=value, one per line, no shell behind it.
 *
 *     # a comment
 *     export ASSAY_TARGETS="http://127.0.0.1:8080 sim:"      "export" is allowed and means nothing
 *     OPENAI_API_KEY='literal, $ and \ too'                  single quotes: as it stands
 *     NOTE="two\nlines"                                      double quotes: \n \t \r \\ \" \$ are understood
 *     PLAIN=up to a blank and #                              unquoted: trimmed, ends before " #"
 *
 * Nothing is expanded or executed. A value may span no lines. The last of two equal names counts.
 *
 *     struct dotenv env;
 *     if (dotenv_read_file(".env", &env, &why) != STATUS_OK) ...   // ".env:3: ..."; no value is quoted
 *     for (size_t i = 0; i < env.count; i++)
 *         setenv(env.entries[i].name, env.entries[i].value, 0);
 *     dotenv_fini(&env);                                           // overwrites the values
 */
#ifndef ASSAY_DOTENV_H
#define ASSAY_DOTENV_H

#include "status.h"

#include <stddef.h>

#define DOTENV_BYTES_MAX ((size_t)1 << 20)

struct dotenv_entry {
    char *name, *value; /* owned */
    long line;
};

struct dotenv {
    struct dotenv_entry *entries; /* in the order of the file, each name once */
    size_t count;
};

/* name is for messages. STATUS_INVALID, STATUS_NO_MEMORY; env is empty then. */
enum status dotenv_parse(
    const char *text, size_t len, const char *name, struct dotenv *env, struct error *e) ASSAY_MUST_CHECK;
/* Also STATUS_NOT_FOUND, STATUS_LIMIT, STATUS_IO. */
enum status dotenv_read_file(const char *path, struct dotenv *env, struct error *e) ASSAY_MUST_CHECK;
void dotenv_fini(struct dotenv *env); /* also of a zeroed one */

/* The entry of that name, or NULL. */
const struct dotenv_entry *dotenv_find(const struct dotenv *env, const char *name);

#endif
