#include "openai_results.h"

#include "answer_error.h"
#include "base64.h"
#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VECTORS_MAX = 1 << 20, DIMENSION_MAX = 1 << 20, MEDIA_MAX = 64, MEDIA_BYTES_MAX = 64 << 20 };

/* The state of a result is the exchange it goes to, and whether it came. */
struct result {
    struct exchange *x;
    bool read;
};

static void begin(void *state, struct exchange *x, void *arg)
{
    (void)arg;
    *(struct result *)state = (struct result){.x = x};
}

static bool no_event(void *state, const struct sse_event *event)
{
    (void)event;
    exchange_fail(
        ((struct result *)state)->x, EXCHANGE_PROTOCOL, "a stream came where one answer was asked for");
    return false;
}

static bool is_complete(const void *state)
{
    return ((const struct result *)state)->read;
}

static void end(void *state, bool closed_cleanly)
{
    struct result *r = state;
    (void)closed_cleanly;
    if (!r->read && r->x->error == EXCHANGE_OK)
        exchange_fail(r->x, EXCHANGE_TRUNCATED, "the answer ended before it was whole");
}

struct json_object *openai_result_parse(struct exchange *x, const char *body, size_t len)
{
    struct error why = {0};
    struct json_object *root = NULL;
    char message[512];
    if (json_parse(body, len, &root, &why) != STATUS_OK || !json_object_is_type(root, json_type_object)) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "the answer is not a JSON object: %s",
            why.text[0] ? error_text(&why) : "another type");
    } else if (answer_is_error(root)) {
        answer_error_message(root, body, len, message, sizeof message);
        exchange_fail(x, EXCHANGE_STREAM_ERROR, "the server reported an error in its answer: %s", message);
    } else {
        return root;
    }
    json_object_put(root);
    return NULL;
}

static void take_model(struct exchange *x, struct json_object *root)
{
    const char *model = json_get_text(root, "/model");
    if (model)
        exchange_copy_text(x->model, sizeof x->model, model, strlen(model));
}

/* ---- embeddings ---- */

/* Room for `count` vectors, known before the first is read; each is seen once. */
bool exchange_make_vectors(struct exchange *x, size_t count, size_t dimension)
{
    if (count == 0 || count > VECTORS_MAX || dimension == 0 || dimension > DIMENSION_MAX) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "%zu vectors of %zu numbers cannot be", count, dimension);
        return false;
    }
    x->vectors.values = calloc(count * dimension, sizeof *x->vectors.values);
    if (!x->vectors.values) {
        exchange_fail(x, EXCHANGE_TOO_LARGE, "no memory for %zu vectors of %zu numbers", count, dimension);
        return false;
    }
    x->vectors.count = count;
    x->vectors.dimension = dimension;
    for (size_t i = 0; i < count * dimension; i++)
        x->vectors.values[i] = NAN; /* not said yet */
    return true;
}

static bool fits(struct exchange *x, size_t index, size_t length)
{
    const struct exchange_vectors *v = &x->vectors;
    if (index >= v->count)
        exchange_fail(x, EXCHANGE_PROTOCOL, "a vector is number %zu of %zu", index, v->count);
    else if (length != v->dimension)
        exchange_fail(x, EXCHANGE_PROTOCOL, "vector %zu has %zu numbers, the first has %zu", index, length,
            v->dimension);
    else if (!isnan(v->values[index * v->dimension]))
        exchange_fail(x, EXCHANGE_PROTOCOL, "vector %zu is there twice", index);
    else
        return true;
    return false;
}

static bool put(struct exchange *x, size_t index, size_t k, double value)
{
    if (!isfinite(value) || fabs(value) > 3.4e38) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "number %zu of vector %zu is not finite", k, index);
        return false;
    }
    x->vectors.values[index * x->vectors.dimension + k] = (float)value;
    return true;
}

bool exchange_add_vector(struct exchange *x, size_t index, struct json_object *numbers)
{
    size_t length = json_object_is_type(numbers, json_type_array) ? json_object_array_length(numbers) : 0;
    if (!fits(x, index, length))
        return false;
    for (size_t k = 0; k < length; k++) {
        struct json_object *number = json_object_array_get_idx(numbers, k);
        bool is_number =
            json_object_is_type(number, json_type_double) || json_object_is_type(number, json_type_int);
        if (!put(x, index, k, is_number ? json_object_get_double(number) : NAN))
            return false;
    }
    return true;
}

/* Little-endian floats, as the protocol says. */
static bool add_base64(struct exchange *x, size_t index, struct json_object *text)
{
    struct buf bytes = BUF_INIT(DIMENSION_MAX * sizeof(float));
    bool ok = base64_decode(&bytes, json_object_get_string(text), (size_t)json_object_get_string_len(text));
    if (!ok)
        exchange_fail(x, EXCHANGE_PROTOCOL, "vector %zu is not base64", index);
    ok = ok && fits(x, index, bytes.len / sizeof(float));
    for (size_t k = 0; ok && k < x->vectors.dimension; k++) {
        const unsigned char *b = (const unsigned char *)bytes.data + 4 * k;
        uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        float value;
        memcpy(&value, &bits, sizeof value);
        ok = put(x, index, k, (double)value);
    }
    buf_fini(&bytes);
    return ok;
}

static size_t length_of(struct json_object *vector)
{
    if (json_object_is_type(vector, json_type_array))
        return json_object_array_length(vector);
    if (!json_object_is_type(vector, json_type_string))
        return 0;
    const char *text = json_object_get_string(vector);
    size_t len = (size_t)json_object_get_string_len(vector), padding = 0;
    while (len > padding && text[len - 1 - padding] == '=')
        padding++;
    return (len - padding) * 3 / 4 / sizeof(float);
}

static bool take_embedding(struct exchange *x, struct json_object *entry, size_t place)
{
    struct json_object *vector = json_get(entry, "/embedding");
    int64_t index = (int64_t)place;
    (void)json_get_int(entry, "/index", &index);
    if (index < 0)
        index = INT64_MAX; /* refused as out of range */
    return json_object_is_type(vector, json_type_string) ? add_base64(x, (size_t)index, vector)
                                                         : exchange_add_vector(x, (size_t)index, vector);
}

static void embed_whole(void *state, const char *body, size_t len)
{
    struct result *r = state;
    struct json_object *root = openai_result_parse(r->x, body, len), *data = json_get_array(root, "/data");
    size_t count = data ? json_object_array_length(data) : 0;
    r->read = true;
    if (!root)
        return;
    if (!data)
        exchange_fail(r->x, EXCHANGE_PROTOCOL, "the answer has no list of vectors (data)");
    bool ok = data && exchange_make_vectors(
                          r->x, count, length_of(json_get(json_object_array_get_idx(data, 0), "/embedding")));
    for (size_t i = 0; ok && i < count; i++)
        ok = take_embedding(r->x, json_object_array_get_idx(data, i), i);
    openai_take_counts(r->x, root);
    take_model(r->x, root);
    json_object_put(root);
}

/* ---- rerank ---- */

static bool take_score(struct exchange *x, struct json_object *entry)
{
    int64_t index = -1;
    double score;
    bool said = json_get_real(entry, "/relevance_score", &score) || json_get_real(entry, "/score", &score);
    if (!said || !isfinite(score) || !json_get_int(entry, "/index", &index) || index < 0 ||
        (size_t)index >= x->score_count || !isnan(x->scores[index])) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "a result without a score of its own, or for no document");
        return false;
    }
    x->scores[index] = score;
    return true;
}

/* {"results": [{"index", "relevance_score"}]} or the list alone under "data". */
static void rerank_whole(void *state, const char *body, size_t len)
{
    struct result *r = state;
    struct exchange *x = r->x;
    struct json_object *root = openai_result_parse(x, body, len), *list = json_get_array(root, "/results");
    r->read = true;
    if (!root)
        return;
    if (!list)
        list = json_get_array(root, "/data");
    size_t count = list ? json_object_array_length(list) : 0;
    if (count == 0 || count > VECTORS_MAX)
        exchange_fail(x, EXCHANGE_PROTOCOL, "the answer has no list of results");
    else
        x->scores = calloc(count, sizeof *x->scores);
    x->score_count = x->scores ? count : 0;
    for (size_t i = 0; i < x->score_count; i++)
        x->scores[i] = NAN;
    for (size_t i = 0; i < x->score_count && take_score(x, json_object_array_get_idx(list, i)); i++)
        ;
    openai_take_counts(x, root);
    take_model(x, root);
    json_object_put(root);
}

/* ---- pictures and sound ---- */

static struct exchange_media *add_media(struct exchange *x)
{
    struct exchange_media *grown =
        x->media_count < MEDIA_MAX ? realloc(x->media, (x->media_count + 1) * sizeof *grown) : NULL;
    if (!grown) {
        exchange_fail(x, EXCHANGE_TOO_LARGE, "more than %d pictures", MEDIA_MAX);
        return NULL;
    }
    x->media = grown;
    struct exchange_media *media = &x->media[x->media_count++];
    media->type[0] = '\0';
    buf_init(&media->bytes, MEDIA_BYTES_MAX);
    return media;
}

static bool take_picture(struct exchange *x, struct json_object *entry)
{
    struct json_object *text = json_get(entry, "/b64_json");
    if (!json_object_is_type(text, json_type_string)) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "%s",
            json_get(entry, "/url") ? "the picture is at a URL; it was asked for within the answer (b64_json)"
                                    : "the answer has no picture (b64_json)");
        return false;
    }
    struct exchange_media *media = add_media(x);
    if (!media)
        return false;
    if (base64_decode(&media->bytes, json_object_get_string(text), (size_t)json_object_get_string_len(text)))
        return true;
    exchange_fail(x, EXCHANGE_PROTOCOL, "the picture is not base64");
    return false;
}

static void image_whole(void *state, const char *body, size_t len)
{
    struct result *r = state;
    struct json_object *root = openai_result_parse(r->x, body, len), *data = json_get_array(root, "/data");
    r->read = true;
    if (!root)
        return;
    size_t count = data ? json_object_array_length(data) : 0;
    if (count == 0)
        exchange_fail(r->x, EXCHANGE_PROTOCOL, "the answer has no list of pictures (data)");
    for (size_t i = 0; i < count && take_picture(r->x, json_object_array_get_idx(data, i)); i++)
        ;
    json_object_put(root);
}

static void speak_whole(void *state, const char *body, size_t len)
{
    struct result *r = state;
    struct exchange_media *media = len > 0 ? add_media(r->x) : NULL;
    r->read = true;
    if (len == 0)
        exchange_fail(r->x, EXCHANGE_EMPTY, "the answer is complete but has no sound");
    if (media && buf_append(&media->bytes, body, len) != STATUS_OK)
        exchange_fail(r->x, EXCHANGE_TOO_LARGE, "a sound of %zu bytes", len);
    if (media)
        memcpy(media->type, r->x->content_type, sizeof media->type);
}

/* ---- transcripts ---- */

static void transcribe_whole(void *state, const char *body, size_t len)
{
    struct result *r = state;
    struct json_object *root = openai_result_parse(r->x, body, len), *text = json_get(root, "/text");
    r->read = true;
    if (!root)
        return;
    if (json_object_is_type(text, json_type_string))
        buf_append(&r->x->answer, json_object_get_string(text), (size_t)json_object_get_string_len(text));
    else
        exchange_fail(r->x, EXCHANGE_PROTOCOL, "the answer has no text");
    openai_take_counts(r->x, root);
    json_object_put(root);
}

#define RESULT_READER(function)                                                                              \
    {                                                                                                        \
        .state_size = sizeof(struct result), .begin = begin, .event = no_event, .whole = (function),         \
        .is_complete = is_complete, .end = end                                                               \
    }

const struct answer_reader openai_embed_reader = RESULT_READER(embed_whole);
const struct answer_reader openai_rerank_reader = RESULT_READER(rerank_whole);
const struct answer_reader openai_image_reader = RESULT_READER(image_whole);
const struct answer_reader openai_transcribe_reader = RESULT_READER(transcribe_whole);
const struct answer_reader openai_speak_reader = RESULT_READER(speak_whole);
