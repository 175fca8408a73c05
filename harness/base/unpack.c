#include "unpack.h"

#include <stdlib.h>
#include <string.h>

#ifdef ASSAY_HAS_ZSTD
#include <zstd.h>

struct unzstd {
    ZSTD_DCtx *context;
    enum unpack_result where;
};

static void unzstd_close(void *state)
{
    struct unzstd *z = state;
    ZSTD_freeDCtx(z->context);
    free(z);
}

static void *unzstd_open(void)
{
    struct unzstd *z = calloc(1, sizeof *z);
    if (z == NULL || (z->context = ZSTD_createDCtx()) != NULL)
        return z;
    free(z);
    return NULL;
}

static enum unpack_result unzstd(void *state, const char *in, size_t len, size_t *at, char *out, size_t size,
    size_t *made, const char **why)
{
    struct unzstd *z = state;
    ZSTD_inBuffer from = {in, len, *at};
    ZSTD_outBuffer to = {out, size, 0};
    size_t wanted = ZSTD_decompressStream(z->context, &to, &from);
    if (ZSTD_isError(wanted)) {
        *why = ZSTD_getErrorName(wanted);
        return UNPACK_DAMAGED;
    }
    if (from.pos > *at || to.pos > 0) /* else it only says what a frame would begin with */
        z->where = wanted == 0 ? UNPACK_BETWEEN : UNPACK_INSIDE;
    *at = from.pos;
    *made = to.pos;
    return z->where;
}
#define ZSTD_ROW .open = unzstd_open, .unpack = unzstd, .close = unzstd_close
#else
#define ZSTD_ROW .open = NULL
#endif

#ifdef ASSAY_HAS_ZLIB
#define ZLIB_CONST
#include <zlib.h>

enum { GZIP_ONLY = 16 + MAX_WBITS };

struct gunzip {
    z_stream stream;
    enum unpack_result where;
};

static void gunzip_close(void *state)
{
    struct gunzip *g = state;
    inflateEnd(&g->stream);
    free(g);
}

static void *gunzip_open(void)
{
    struct gunzip *g = calloc(1, sizeof *g);
    if (g == NULL || inflateInit2(&g->stream, GZIP_ONLY) == Z_OK)
        return g;
    free(g);
    return NULL;
}

static enum unpack_result gunzip(void *state, const char *in, size_t len, size_t *at, char *out, size_t size,
    size_t *made, const char **why)
{
    struct gunzip *g = state;
    z_stream *z = &g->stream;
    *made = 0;
    if (g->where == UNPACK_BETWEEN && *at == len)
        return g->where;
    z->next_in = (const Bytef *)in + *at;
    z->avail_in = (uInt)(len - *at);
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)size;
    int result = inflate(z, Z_NO_FLUSH);
    *at = len - z->avail_in;
    *made = size - z->avail_out;
    g->where = UNPACK_INSIDE;
    if (result == Z_STREAM_END) {
        g->where = UNPACK_BETWEEN;
        result = inflateReset(z);
    }
    if (result == Z_OK || result == Z_BUF_ERROR) /* the latter: it wants more bytes */
        return g->where;
    *why = z->msg != NULL ? z->msg : "no gzip";
    return UNPACK_DAMAGED;
}
#define GZIP_ROW .open = gunzip_open, .unpack = gunzip, .close = gunzip_close
#else
#define GZIP_ROW .open = NULL
#endif

#define MAGIC(text) .magic = (text), .magic_len = sizeof(text) - 1

const struct unpacker unpackers[] = {
    {.name = "gzip", MAGIC("\x1f\x8b"), .command = "gzip -d", GZIP_ROW},
    {.name = "zstd", MAGIC("\x28\xb5\x2f\xfd"), .command = "zstd -d", ZSTD_ROW},
    {.name = "xz",
        MAGIC("\xfd"
              "7zXZ"),
        .command = "xz -d"},
    {.name = "bzip2", MAGIC("BZh"), .command = "bzip2 -d"},
    {0},
};
