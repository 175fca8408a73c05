#include "line_out.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef ASSAY_HAS_ZSTD
#include <zstd.h>
#else
typedef struct ZSTD_CCtx_s ZSTD_CCtx; /* never made */
#endif

enum { PATH_SHOWN = 512, PACKED = 128 << 10 };

struct line_out {
    FILE *file;
    ZSTD_CCtx *packer; /* NULL: as it is */
    char path[PATH_SHOWN];
    char packed[PACKED];
};

static enum status cannot_write(const struct line_out *out, struct error *e)
{
    return error_set_errno(e, "cannot write %s", out->path);
}

#ifdef ASSAY_HAS_ZSTD
static enum status begin_packing(struct line_out *out, struct error *e)
{
    out->packer = ZSTD_createCCtx();
    if (out->packer == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory to compress %s", out->path);
    ZSTD_CCtx_setParameter(out->packer, ZSTD_c_checksumFlag, 1);
    return STATUS_OK;
}

static enum status pack(struct line_out *out, const char *text, size_t len, bool last, struct error *e)
{
    ZSTD_inBuffer in = {text, len, 0};
    for (;;) {
        ZSTD_outBuffer to = {out->packed, sizeof out->packed, 0};
        size_t rest = ZSTD_compressStream2(out->packer, &to, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(rest))
            return error_set(e, STATUS_IO, "cannot compress %s: %s", out->path, ZSTD_getErrorName(rest));
        if (to.pos > 0 && fwrite(out->packed, 1, to.pos, out->file) != to.pos)
            return cannot_write(out, e);
        if (last ? rest == 0 : in.pos == in.size)
            return STATUS_OK;
    }
}

static void end_packing(struct line_out *out)
{
    ZSTD_freeCCtx(out->packer);
}
#else
static enum status begin_packing(struct line_out *out, struct error *e)
{
    return error_set(
        e, STATUS_UNAVAILABLE, "%s: this assay was built without zstd; leave .zst out", out->path);
}

static enum status pack(struct line_out *out, const char *text, size_t len, bool last, struct error *e)
{
    (void)text, (void)len, (void)last;
    return begin_packing(out, e);
}

static void end_packing(struct line_out *out)
{
    (void)out;
}
#endif

static bool is_packed(const char *path)
{
    size_t len = strlen(path);
    return len > 4 && strcmp(path + len - 4, ".zst") == 0;
}

enum status line_out_open(const char *path, struct line_out **opened, struct error *e)
{
    struct line_out *out = calloc(1, sizeof *out);
    *opened = NULL;
    if (out == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory to write %s", path);
    snprintf(out->path, sizeof out->path, "%s", path);
    enum status s = is_packed(path) ? begin_packing(out, e) : STATUS_OK;
    if (s == STATUS_OK && (out->file = fopen(path, "we")) == NULL)
        s = cannot_write(out, e);
    if (s == STATUS_OK) {
        *opened = out;
        return STATUS_OK;
    }
    end_packing(out);
    free(out);
    return s;
}

enum status line_out_add(struct line_out *out, const char *text, size_t len, struct error *e)
{
    if (out->packer != NULL) {
        enum status s = pack(out, text, len, false, e);
        return s == STATUS_OK ? pack(out, "\n", 1, false, e) : s;
    }
    bool ok = fwrite(text, 1, len, out->file) == len && fputc('\n', out->file) != EOF;
    return ok ? STATUS_OK : cannot_write(out, e);
}

enum status line_out_close(struct line_out *out, struct error *e)
{
    if (out == NULL)
        return STATUS_OK;
    enum status s = out->packer != NULL ? pack(out, "", 0, true, e) : STATUS_OK;
    if (fclose(out->file) != 0 && s == STATUS_OK)
        s = cannot_write(out, e);
    end_packing(out);
    free(out);
    return s;
}
