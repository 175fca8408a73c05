/* assay verify: are the files of a run those that were measured, and who vouches for them? */
#include "run_operand.h"
#include "verb.h"
#include "verify_run.h"

#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct verify_command {
    struct opt_list keys;
    bool json;
};

static const struct opt options[] = {
    {"key", 'k', OPT_LIST, offsetof(struct verify_command, keys), "FILE",
        "public key (PEM) whose signature the run must have; may be given several times"},
    {"json", 0, OPT_FLAG, offsetof(struct verify_command, json), NULL, "print JSON"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "verify",
    .operands = "RUN...",
    .summary = "Check that the files of runs are those that run.json lists.",
    .details =
        "RUN is the folder of a run, its name below runs/, or \"latest\". Every file is compared with its "
        "size and "
        "SHA-256 in run.json, and what is not listed is named. Reports may be made again, and are only "
        "mentioned. "
        "Nothing is written. With --key the run must carry that key's signature too (assay sign); without a "
        "signature the list protects against accidents, not against those who can write run.json.\n\n"
        "  assay verify latest\n"
        "  assay verify runs/* --key me.pem.pub\n\n"
        "Exit code: 0 all as listed, and signed by every --key; 1 a file or a signature is not; 2 no such "
        "run or key; "
        "3 the run is not finished, or lists no files; 4 a file could not be read.",
};

#define KEYS_MAX OPT_LIST_MAX

struct verifying {
    struct sign_key keys[KEYS_MAX];
    size_t key_count;
    struct json_object *runs; /* of --json */
    bool no_memory;
};

/* ---- text ---- */

/* Names are what somebody else wrote. */
static void print_named(const char *name, const char *text)
{
    struct buf clean = BUF_INIT(8192);
    (void)text_sanitise_line(&clean, name, strlen(name), 1024);
    printf("  %s %s\n", buf_text(&clean), text);
    buf_fini(&clean);
}

static void print_signatures(const struct verified *v)
{
    static const char *const words[] = {
        [SIGNATURE_UNCHECKED] = "is there and was not checked: give that public key with --key",
        [SIGNATURE_GOOD] = "is good",
        [SIGNATURE_BAD] = "is BAD: run.json is not what was signed, or this is no signature",
        [SIGNATURE_MISSING] = "is missing: that key did not sign this run",
    };
    for (size_t i = 0; i < v->signature_count; i++)
        printf("  the signature of key %s %s\n", v->signatures[i].id, words[v->signatures[i].state]);
}

static void print_run(const char *folder, const struct verified *v)
{
    char size[32];
    size_t listed = v->check.counts[PROVENANCE_AS_LISTED];
    struct buf clean = BUF_INIT(8192);
    (void)text_sanitise_line(&clean, folder, strlen(folder), 1024);
    text_format_bytes(size, sizeof size, (double)v->check.bytes);
    if (v->why_not[0] != '\0')
        printf("%s: cannot be verified: %s\n", buf_text(&clean), v->why_not);
    else
        printf("%s: %s: %zu %s as listed (%s read)\n", buf_text(&clean),
            v->verdict == VERIFY_GOOD ? "good" : "BAD", listed, listed == 1 ? "file is" : "files are", size);
    for (size_t i = 0; i < v->check.count; i++)
        if (v->check.files[i].state != PROVENANCE_AS_LISTED)
            print_named(v->check.files[i].name, v->check.files[i].text);
    print_signatures(v);
    buf_fini(&clean);
}

/* ---- JSON ---- */

static struct json_object *files_to_json(const struct provenance_check *check)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < check->count; i++) {
        const struct provenance_file *f = &check->files[i];
        struct json_object *one = json_object_new_object();
        ok = json_set_text(one, "name", f->name) &&
             json_set_text(one, "kind", provenance_kind_name(f->kind)) &&
             json_set_text(one, "state", provenance_state_name(f->state)) &&
             (f->text[0] == '\0' || json_set_text(one, "text", f->text));
        ok = json_add(list, one) && ok;
    }
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static struct json_object *signatures_to_json(const struct verified *v)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < v->signature_count; i++) {
        struct json_object *one = json_object_new_object();
        ok = json_set_text(one, "key", v->signatures[i].id) &&
             json_set_text(one, "state", signature_state_name(v->signatures[i].state));
        ok = json_add(list, one) && ok;
    }
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static void keep_run(struct verifying *w, const char *folder, const struct verified *v)
{
    struct json_object *one = json_object_new_object();
    bool ok = json_set_text(one, "run", folder) && json_set_text(one, "run_id", v->run_id) &&
              json_set_text(one, "verdict", verify_verdict_name(v->verdict)) &&
              (v->why_not[0] == '\0' || json_set_text(one, "reason", v->why_not)) &&
              json_set_int(one, "bytes", v->check.bytes) &&
              json_set(one, "files", files_to_json(&v->check)) &&
              json_set(one, "signatures", signatures_to_json(v));
    w->no_memory |= !json_add(w->runs, one) || !ok;
}

/* A run that could not be judged is told as well: whoever looks for bad verdicts finds it. */
static void keep_unjudged(struct verifying *w, const char *operand, const char *reason)
{
    struct json_object *one = json_object_new_object();
    bool ok = json_set_text(one, "run", operand) && json_set_text(one, "verdict", "unjudged") &&
              json_set_text(one, "reason", reason) && json_set(one, "files", json_object_new_array()) &&
              json_set(one, "signatures", json_object_new_array());
    w->no_memory |= !json_add(w->runs, one) || !ok;
}

static int print_json(struct verifying *w)
{
    struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct error why = {0};
    enum status s = w->no_memory ? error_set(&why, STATUS_NO_MEMORY, "out of memory")
                                 : json_write_pretty(w->runs, &text, &why);
    if (s == STATUS_OK)
        fputs(buf_text(&text), stdout);
    buf_fini(&text);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("verify", &why);
}

/* ---- the verb ---- */

static int exit_code(enum verify_verdict verdict)
{
    if (verdict == VERIFY_GOOD)
        return EXIT_FINE;
    return verdict == VERIFY_BAD ? EXIT_BAD : EXIT_CANNOT_JUDGE;
}

static int code_of(const struct verified *v)
{
    return v->check.counts[PROVENANCE_UNREADABLE] > 0 ? EXIT_OWN_FAILURE : exit_code(v->verdict);
}

static int verify_one(struct verifying *w, const struct verify_command *o, const char *operand)
{
    struct buf folder = BUF_INIT(1 << 16);
    struct verified v = {0};
    struct error why = {0};
    int code;
    enum status s = run_operand_find(operand, &folder, &why);
    if (s == STATUS_OK)
        s = verify_run(buf_text(&folder), w->keys, w->key_count, &v, &why);
    if (s != STATUS_OK) {
        code = verb_fail("verify", &why);
        if (o->json)
            keep_unjudged(w, operand, why.text);
    } else {
        code = code_of(&v);
        if (o->json)
            keep_run(w, buf_text(&folder), &v);
        else
            print_run(buf_text(&folder), &v);
        verified_fini(&v);
    }
    buf_fini(&folder);
    return code;
}

static int read_keys(struct verifying *w, const struct opt_list *files)
{
    struct error why = {0};
    for (size_t i = 0; i < files->count; i++) {
        if (sign_key_read_public(files->items[i], &w->keys[i], &why) != STATUS_OK)
            return verb_fail("verify", &why);
        w->key_count++;
    }
    return EXIT_FINE;
}

static int verify_all(const struct verify_command *o, char **runs, int count)
{
    struct verifying w = {.runs = json_object_new_array()};
    int worst = read_keys(&w, &o->keys);
    for (int i = 0; w.key_count == o->keys.count && i < count; i++) {
        int code = verify_one(&w, o, runs[i]);
        worst = code > worst ? code : worst;
    }
    if (o->json && w.key_count == o->keys.count) {
        int printed = print_json(&w);
        worst = printed > worst ? printed : worst;
    }
    for (size_t i = 0; i < w.key_count; i++)
        sign_key_fini(&w.keys[i]);
    json_object_put(w.runs);
    return worst;
}

static int verify_main(int argc, char **argv)
{
    struct verify_command o = {.json = false};
    struct error why = {0};
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (first == argc) {
        (void)error_set(&why, STATUS_USAGE, "which run? Name its folder, or \"latest\"");
        return verb_fail("verify", &why);
    }
    return verify_all(&o, argv + first, argc - first);
}

const struct verb cmd_verify = {.name = "verify",
    .summary = "check that the files of runs are those that were measured",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = verify_main};
