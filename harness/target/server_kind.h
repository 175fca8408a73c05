/*
 * server_kind.h - the model servers we can tell apart, and how: one table.
 *
 *     const struct server_kind *kind = server_kind_find(server_header, owned_by);
 *     if (kind) puts(kind->name);
 */
#ifndef ASSAY_SERVER_KIND_H
#define ASSAY_SERVER_KIND_H

#include "model_details.h"

#include <stdbool.h>
#include <stddef.h>

struct server_kind {
    const char *name;       /* for records: "llama.cpp" */
    const char *short_name; /* for names of targets: "llamacpp" */

    /* How it is recognised; NULL: not by this. */
    const char *server_header; /* start of the Server header */
    const char *owned_by;      /* start of owned_by in its list of models */
    const char *root_text;     /* start of what GET / answers: for a server with an empty list of models */

    /* Where it says its version; NULL: nowhere. */
    const char *version_path;    /* below the root URL */
    const char *version_pointer; /* into that JSON */
    bool version_in_header;      /* behind the slash of the Server header */

    const char *framework, *format;            /* of its models, "" where it runs several */
    const struct model_details *details;       /* NULL: all it says is in the list of models */
    bool no_stream_usage;                      /* does not know stream_options */
    bool max_completion_tokens;                /* its name for max_tokens */
    bool knows_cache_prompt, knows_ignore_eos; /* takes these as members of a request */
    bool knows_ttl;                            /* seconds for which a model stays that a request has loaded */
    bool always_loaded;                        /* what it lists is in memory, unless it says otherwise */
    const char *native; /* the protocol of its own that it is spoken to in; NULL: OpenAI's */
};

extern const struct server_kind server_kinds[]; /* ends with name NULL */

/* Either may be NULL. NULL: not one of the known. */
const struct server_kind *server_kind_find(const char *server_header, const char *owned_by);
const struct server_kind *server_kind_of(const char *name); /* NULL: none of that name */
const struct server_kind *server_kind_find_by_root(const char *root_text);

/* "uvicorn" and the like: a framework that says nothing of the model server behind it. */
bool server_header_is_generic(const char *server_header);

#endif
