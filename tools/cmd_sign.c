/* assay sign: vouch for a run with one's own key, so that others can see whether it is still the same. */
#include "run_operand.h"
#include "verb.h"
#include "verify_run.h"

#include "fs.h"

#include <stdio.h>
#include <string.h>

struct sign_command {
    const char *key, *new_key;
};

static const struct opt options[] = {
    {"key", 'k', OPT_TEXT, offsetof(struct sign_command, key), "FILE",
        "private key to sign with (PEM, Ed25519)"},
    {"new-key", 0, OPT_TEXT, offsetof(struct sign_command, new_key), "FILE",
        "make a key: the private one in FILE, the public one in FILE.pub"},
    {0},
};

static const struct opt_usage usage = {
    .verb = "sign",
    .operands = "RUN...",
    .summary = "Sign runs with an Ed25519 key.",
    .details =
        "RUN is the folder of a run, its name below runs/, or \"latest\". What is signed is run.json, which "
        "lists all "
        "other files with their SHA-256; the signature is a file beside it, one for each key. A run is "
        "signed "
        "only while its files are as listed. Keys are PEM files as OpenSSL writes them; the passphrase of an "
        "encrypted one comes from ASSAY_KEY_PASSPHRASE or from the terminal, and a new key is encrypted "
        "where that "
        "variable is set. Others check with assay verify --key FILE.pub, or with openssl "
        "(docs/provenance.md).\n\n"
        "  assay sign --new-key me.pem\n"
        "  assay sign latest --key me.pem\n\n"
        "Exit code: 0 signed; 1 a file of the run is not as listed; 2 no such run or key, or the key is not "
        "to be used "
        "so; 3 the run is not finished, or lists no files; 4 the signature could not be written.",
};

static int fail(struct error *why)
{
    return verb_fail("sign", why);
}

static int make_key(const char *path)
{
    struct sign_key key = {0};
    struct error why = {0};
    enum status s = sign_key_create(path, &key, &why);
    if (s == STATUS_OK)
        printf("key %s: keep %s to yourself, give %s.pub away\n", key.id, path, path);
    sign_key_fini(&key);
    return s == STATUS_OK ? EXIT_FINE : fail(&why);
}

/* Only what is right is vouched for. */
static enum status check_run(const char *folder, const struct verified *v, struct error *e)
{
    if (v->verdict == VERIFY_GOOD)
        return STATUS_OK;
    if (v->verdict == VERIFY_BAD)
        return error_set(e, STATUS_INVALID,
            "%s is not signed: its files are not as run.json lists them; assay verify says which", folder);
    return error_set(e, STATUS_UNAVAILABLE, "%s is not signed: %s", folder, v->why_not);
}

static enum status write_signature(
    const char *folder, const struct sign_key *key, const struct verified *v, struct error *e)
{
    unsigned char signature[SIGNATURE_BYTES];
    struct buf path = BUF_INIT(1 << 16);
    enum status s = sign_key_sign(key, v->run_json.data, v->run_json.len, signature, e);
    if (s == STATUS_OK)
        s = signature_path(folder, key->id, &path);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), signature, sizeof signature, e);
    if (s == STATUS_OK)
        printf("%s\n", buf_text(&path));
    buf_fini(&path);
    return s;
}

static int sign_one(const char *operand, const struct sign_key *key)
{
    struct buf folder = BUF_INIT(1 << 16);
    struct verified v = {0};
    struct error why = {0};
    enum status s = run_operand_find(operand, &folder, &why);
    if (s == STATUS_OK)
        s = verify_run(buf_text(&folder), NULL, 0, &v, &why);
    if (s == STATUS_OK) {
        s = check_run(buf_text(&folder), &v, &why);
        if (s == STATUS_OK)
            s = write_signature(buf_text(&folder), key, &v, &why);
        verified_fini(&v);
    }
    buf_fini(&folder);
    return s == STATUS_OK ? EXIT_FINE : fail(&why);
}

static int sign_all(const char *key_file, char **runs, int count)
{
    struct sign_key key = {0};
    struct error why = {0};
    int worst = EXIT_FINE;
    if (sign_key_read_private(key_file, &key, &why) != STATUS_OK)
        return fail(&why);
    for (int i = 0; i < count; i++) {
        int code = sign_one(runs[i], &key);
        worst = code > worst ? code : worst;
    }
    sign_key_fini(&key);
    return worst;
}

static int sign_main(int argc, char **argv)
{
    struct sign_command o = {.key = NULL};
    struct error why = {0};
    int first, code;
    if (!verb_begin(&usage, options, &o, argc, argv, &first, &code))
        return code;
    if (o.new_key != NULL && o.key == NULL && first == argc)
        return make_key(o.new_key);
    if (o.new_key != NULL)
        (void)error_set(
            &why, STATUS_USAGE, "--new-key makes a key and signs nothing: sign with --key afterwards");
    else if (first == argc)
        (void)error_set(&why, STATUS_USAGE, "which run? Name its folder, or \"latest\"");
    else if (o.key == NULL)
        (void)error_set(
            &why, STATUS_USAGE, "with which key? --key FILE; assay sign --new-key FILE makes one");
    else
        return sign_all(o.key, argv + first, argc - first);
    return fail(&why);
}

const struct verb cmd_sign = {.name = "sign",
    .summary = "sign runs with a key of one's own",
    .group = VERB_RESULTS,
    .usage = &usage,
    .options = options,
    .main = sign_main};
