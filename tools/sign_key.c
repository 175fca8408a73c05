#include "sign_key.h"

#include "fs.h"
#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_MAX ((size_t)16 << 10)

/* ---- passphrase ---- */

static int copy_passphrase(char *out, int size, const char *text)
{
    size_t len = strlen(text);
    if (len >= (size_t)size)
        return -1;
    memcpy(out, text, len + 1);
    return (int)len;
}

/* OpenSSL asks here; *arg becomes true where nobody can answer. */
static int ask_passphrase(char *out, int size, int writing, void *arg)
{
    bool *unanswered = arg;
    const char *given = getenv("ASSAY_KEY_PASSPHRASE");
    *unanswered = false;
    if (given != NULL && given[0] != '\0')
        return copy_passphrase(out, size, given);
    if (isatty(STDIN_FILENO) && EVP_read_pw_string(out, size, "Passphrase of the key: ", writing) == 0)
        return (int)strlen(out);
    *unanswered = true;
    return -1;
}

/* ---- files ---- */

static enum status refuse_open_key(const char *path, mode_t mode, struct error *e)
{
    return error_set(e, STATUS_USAGE,
        "%s can be read by others (mode %03o), who could sign in your name: chmod 600 it, or make a new key "
        "if "
        "others had access",
        path, (unsigned)(mode & 0777));
}

/* *open_to: who else may read it. Of a pipe that says nothing. */
static enum status read_key_file(const char *path, struct buf *text, mode_t *open_to, struct error *e)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t n = 0;
    char chunk[1024];
    enum status s = STATUS_OK;
    if (fd < 0 && errno == ENOENT)
        return error_set(e, STATUS_NOT_FOUND, "there is no key %s", path);
    if (fd < 0 || fstat(fd, &about) != 0)
        s = error_set_errno(e, "cannot open the key %s", path);
    else
        *open_to = S_ISREG(about.st_mode) ? about.st_mode & 0777 : 0;
    while (s == STATUS_OK && ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0 && buf_append(text, chunk, (size_t)n) != STATUS_OK)
            s = error_set(e, STATUS_USAGE, "%s is too large for a key", path);
    if (s == STATUS_OK && n < 0)
        s = error_set_errno(e, "cannot read the key %s", path);
    OPENSSL_cleanse(chunk, sizeof chunk);
    if (fd >= 0)
        (void)close(fd);
    return s;
}

static void forget(struct buf *text)
{
    if (text->data != NULL)
        OPENSSL_cleanse(text->data, text->len);
    buf_fini(text);
}

static enum status write_new_file(const char *path, mode_t mode, BIO *content, struct error *e)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(content, &bytes);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0 && errno == EEXIST)
        return error_set(e, STATUS_USAGE, "%s is there already, and a key is never overwritten", path);
    if (fd < 0)
        return error_set_errno(e, "cannot make %s", path);
    enum status s = STATUS_OK;
    if (fchmod(fd, mode) != 0 || len <= 0 || write(fd, bytes, (size_t)len) != (ssize_t)len)
        s = error_set_errno(e, "cannot write %s", path);
    if (s == STATUS_OK)
        s = fs_sync_fd(fd, e);
    if (close(fd) != 0 && s == STATUS_OK)
        s = error_set_errno(e, "cannot write %s", path);
    if (s != STATUS_OK)
        (void)unlink(path);
    return s;
}

/* ---- keys ---- */

static enum status no_memory(struct error *e)
{
    return error_set(e, STATUS_NO_MEMORY, "no memory for a key");
}

static enum status take_key(EVP_PKEY *pkey, struct sign_key *key, struct error *e)
{
    unsigned char *der = NULL;
    char hex[65];
    int len = i2d_PUBKEY(pkey, &der);
    key->pkey = pkey;
    if (len <= 0)
        return no_memory(e);
    sha256_hex(der, (size_t)len, hex);
    OPENSSL_free(der);
    snprintf(key->id, sizeof key->id, "%.16s", hex);
    return STATUS_OK;
}

static enum status explain_private(const char *path, const char *text, bool unanswered, struct error *e)
{
    if (unanswered)
        return error_set(e, STATUS_USAGE,
            "%s is encrypted: set ASSAY_KEY_PASSPHRASE in the environment, or call this from a terminal",
            path);
    if (strstr(text, "ENCRYPTED") != NULL)
        return error_set(e, STATUS_USAGE, "%s cannot be decrypted: the passphrase is wrong", path);
    if (strstr(text, "PUBLIC KEY") != NULL)
        return error_set(
            e, STATUS_USAGE, "%s is a public key: a signature is made with the private one", path);
    return error_set(
        e, STATUS_USAGE, "%s is not a private key as PEM: make one with assay sign --new-key", path);
}

static enum status explain_public(const char *path, const char *text, struct error *e)
{
    if (strstr(text, "PRIVATE KEY") != NULL)
        return error_set(e, STATUS_USAGE,
            "%s is a private key: a signature is checked with the public one, of which its owner gives "
            "copies away",
            path);
    return error_set(e, STATUS_USAGE, "%s is not a public key as PEM", path);
}

static enum status read_key(const char *path, bool is_private, struct sign_key *key, struct error *e)
{
    struct buf text = BUF_INIT(KEY_FILE_MAX);
    bool unanswered = false;
    BIO *bio = NULL;
    EVP_PKEY *pkey = NULL;
    mode_t open_to = 0;
    *key = (struct sign_key){0};
    enum status s = read_key_file(path, &text, &open_to, e);
    if (s == STATUS_OK && is_private && strstr(buf_text(&text), "PRIVATE KEY") != NULL &&
        (open_to & 077) != 0)
        s = refuse_open_key(path, open_to, e);
    if (s != STATUS_OK)
        goto out;
    bio = BIO_new_mem_buf(buf_text(&text), (int)text.len);
    if (bio != NULL)
        pkey = is_private ? PEM_read_bio_PrivateKey(bio, NULL, ask_passphrase, &unanswered)
                          : PEM_read_bio_PUBKEY(bio, NULL, ask_passphrase, &unanswered);
    if (pkey == NULL)
        s = is_private ? explain_private(path, buf_text(&text), unanswered, e)
                       : explain_public(path, buf_text(&text), e);
    else if (!EVP_PKEY_is_a(pkey, "ED25519"))
        s = error_set(e, STATUS_USAGE, "%s is a key of another kind: it must be of Ed25519", path);
    else
        s = take_key(pkey, key, e);
    if (key->pkey == NULL)
        EVP_PKEY_free(pkey);
out:
    ERR_clear_error();
    BIO_free(bio);
    forget(&text);
    return s;
}

enum status sign_key_read_private(const char *path, struct sign_key *key, struct error *e)
{
    return read_key(path, true, key, e);
}

enum status sign_key_read_public(const char *path, struct sign_key *key, struct error *e)
{
    return read_key(path, false, key, e);
}

static enum status write_private(const char *path, EVP_PKEY *pkey, struct error *e)
{
    const char *given = getenv("ASSAY_KEY_PASSPHRASE");
    bool unanswered = false, encrypt = given != NULL;
    if (encrypt && given[0] == '\0') /* what should have filled it has failed: the key would lie there open */
        return error_set(e, STATUS_USAGE,
            "ASSAY_KEY_PASSPHRASE is set and empty: give it the passphrase, or unset it for a key without "
            "one");
    BIO *bio = BIO_new(BIO_s_secmem());
    enum status s = STATUS_OK;
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, pkey, encrypt ? EVP_aes_256_cbc() : NULL, NULL, 0,
                           encrypt ? ask_passphrase : NULL, &unanswered) != 1)
        s = error_set(e, STATUS_USAGE, "the key cannot be encrypted: the passphrase is too long or empty");
    if (s == STATUS_OK)
        s = write_new_file(path, 0600, bio, e);
    BIO_free(bio);
    return s;
}

static enum status write_public(const char *path, EVP_PKEY *pkey, struct error *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    enum status s = bio != NULL && PEM_write_bio_PUBKEY(bio, pkey) == 1 ? write_new_file(path, 0644, bio, e)
                                                                        : no_memory(e);
    BIO_free(bio);
    return s;
}

enum status sign_key_create(const char *path, struct sign_key *key, struct error *e)
{
    struct buf public = BUF_INIT(4096);
    EVP_PKEY *pkey = NULL;
    struct stat about;
    *key = (struct sign_key){0};
    enum status s = buf_printf(&public, "%s.pub", path);
    if (s != STATUS_OK)
        s = error_set(e, s, "the path is too long");
    else if (lstat(buf_text(&public), &about) == 0)
        s = error_set(
            e, STATUS_USAGE, "%s is there already, and a key is never overwritten", buf_text(&public));
    if (s == STATUS_OK && (pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")) == NULL)
        s = error_set(e, STATUS_INTERNAL, "OpenSSL makes no key of Ed25519 here");
    if (s == STATUS_OK)
        s = take_key(pkey, key, e);
    if (s == STATUS_OK)
        s = write_private(path, pkey, e);
    if (s == STATUS_OK && (s = write_public(buf_text(&public), pkey, e)) != STATUS_OK)
        (void)unlink(path);
    ERR_clear_error();
    buf_fini(&public);
    return s;
}

enum status sign_key_sign(const struct sign_key *key, const void *bytes, size_t len,
    unsigned char signature[SIGNATURE_BYTES], struct error *e)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t made = SIGNATURE_BYTES;
    bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
              EVP_DigestSign(ctx, signature, &made, bytes, len) == 1 && made == SIGNATURE_BYTES;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok ? STATUS_OK : error_set(e, STATUS_INTERNAL, "OpenSSL does not sign with this key");
}

bool sign_key_fits(
    const struct sign_key *key, const void *bytes, size_t len, const void *signature, size_t signature_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool fits = ctx != NULL && signature_len == SIGNATURE_BYTES &&
                EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
                EVP_DigestVerify(ctx, signature, signature_len, bytes, len) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return fits;
}

void sign_key_fini(struct sign_key *key)
{
    EVP_PKEY_free(key->pkey);
    *key = (struct sign_key){0};
}
