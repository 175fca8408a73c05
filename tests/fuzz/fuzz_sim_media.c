/*
 * Forms that arrive at the simulated server. The first line is the content type of a form and the size of a
 * picture, what follows is the body. The parts of a form lie within its body, one behind the other.
 */
#include "sim_media.h"
#include "sim_multipart.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const char *type, const char *body, size_t len)
{
    struct sim_form_data form = {.body = body, .len = len};
    const char *before = body;
    struct sim_part part;
    if (!sim_multipart_begin(&form, type))
        return;
    while (sim_multipart_next(&form, &part)) {
        if (part.bytes < before || part.len > len || part.bytes + part.len > body + len || !part.name[0])
            abort();
        before = part.bytes + part.len;
    }
}

static void read_form(const char *type, const char *body, size_t len)
{
    struct sim_media m = {.chat = {.max_tokens = -1}};
    struct sim_refusal refusal = {0};
    char format[32] = "";
    double seconds = 0;
    bool ok = sim_media_read_form(type, body, len, &m, &seconds, format, sizeof format, &refusal);
    if (ok ? seconds < 0 || !memchr(format, '\0', sizeof format) : refusal.status != 400)
        abort();
    sim_chat_fini(&m.chat);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *end = size ? memchr(bytes, '\n', size) : NULL;
    char type[SIM_HTTP_TYPE_MAX];
    int width = 0, height = 0;
    if (!end || (size_t)(end - bytes) >= sizeof type)
        return 0;
    memcpy(type, bytes, (size_t)(end - bytes));
    type[end - bytes] = '\0';
    if (sim_media_read_size(type, &width, &height) &&
        (width < 1 || height < 1 || width > 2048 || height > 2048))
        abort();
    walk(type, end + 1, size - (size_t)(end + 1 - bytes));
    read_form(type, end + 1, size - (size_t)(end + 1 - bytes));
    return 0;
}
