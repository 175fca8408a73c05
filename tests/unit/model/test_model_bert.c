#include "model_bert.h"

#include "gguf_reader.h"
#include "model_pieces.h"
#include "model_projector.h"

#include <string.h>

static const struct model_bert_options mini = {
    .seed = 3, .dim = 32, .layers = 2, .ffn = 64, .heads = 2, .context = 64, .type = MODEL_F16};

static void texts_are_cut_into_the_longest_pieces(void)
{
    static const struct {
        const char *text;
        size_t count; /* with [CLS] and [SEP] */
    } texts[] = {
        {"", 2}, {"the", 3}, {"The waters!", 6}, /* the water s ! */
        {"  the\n\tabove ", 4}, {"x", 3}, {"xyz", 5}, {"a.b", 5},
        {"\xC3\xA9t", 3}, /* no such letter: the word is unknown */
    };
    struct model_pieces *p = model_pieces_new();
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint32_t ids[16];
        size_t n = model_pieces_encode(p, texts[i].text, strlen(texts[i].text), ids, 16);
        ck_assert_msg(n == texts[i].count, "\"%s\" is %zu tokens", texts[i].text, n);
        ck_assert_uint_eq(ids[0], PIECE_CLS);
        ck_assert_uint_eq(ids[n - 1], PIECE_SEP);
    }
    model_pieces_free(p);
}

static void every_ascii_text_is_known_and_no_piece_is_there_twice(void)
{
    struct model_pieces *p = model_pieces_new();
    for (char c = '!'; c <= '~'; c++) {
        uint32_t ids[4];
        const char text[] = {c, c, ' ', c};
        size_t n = model_pieces_encode(p, text, sizeof text, ids, 4);
        ck_assert_uint_eq(n, 5);
        ck_assert_uint_ne(ids[1], PIECE_UNKNOWN);
        ck_assert_uint_ne(ids[2], PIECE_UNKNOWN);
    }
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(p->texts[i], p->texts[k]);
    model_pieces_free(p);
}

static struct gguf_reader *written_bert(const struct model_bert_options *o, const char *name)
{
    struct error e = {0};
    const char *path = testkit_tmp_path(name);
    ck_assert_msg(model_bert_write(o, path, &e) == STATUS_OK, "%s", error_text(&e));
    return gguf_reader_open(path);
}

static void the_embedding_model_has_what_engines_need(void)
{
    struct gguf_reader *r = written_bert(&mini, "bert.gguf");
    struct model_pieces *p = model_pieces_new();
    ck_assert_uint_eq(gguf_reader_key(r, "bert.context_length")->number, 64);
    ck_assert_uint_eq(gguf_reader_key(r, "bert.block_count")->number, 2);
    ck_assert_uint_eq(gguf_reader_key(r, "bert.pooling_type")->number, 1);
    ck_assert_uint_eq(gguf_reader_key(r, "bert.attention.causal")->number, 0);
    ck_assert_uint_eq(gguf_reader_key(r, "tokenizer.ggml.seperator_token_id")->number, PIECE_SEP);
    ck_assert_uint_eq(gguf_reader_key(r, "tokenizer.ggml.tokens")->number, p->count);
    ck_assert_uint_eq(gguf_reader_tensor(r, "token_types.weight")->type, MODEL_F32);
    ck_assert_uint_eq(gguf_reader_tensor(r, "position_embd.weight")->type, MODEL_F32);
    ck_assert_uint_eq(gguf_reader_tensor(r, "position_embd.weight")->dims[1], 64);
    ck_assert_uint_eq(gguf_reader_tensor(r, "blk.1.ffn_up.weight")->dims[1], 64);
    ck_assert_uint_eq(gguf_reader_tensor(r, "blk.1.attn_q.bias")->dims[0], 32);
    model_pieces_free(p);
    gguf_reader_close(r);
}

static void the_same_seed_gives_the_same_embedding_model(void)
{
    struct model_bert_options other = mini;
    other.seed = 4;
    struct gguf_reader *a = written_bert(&mini, "a.gguf"), *b = written_bert(&mini, "b.gguf"),
                       *c = written_bert(&other, "c.gguf");
    ck_assert_mem_eq(a->file.data, b->file.data, a->file.len);
    ck_assert_int_ne(memcmp(a->file.data, c->file.data, a->file.len), 0);
    gguf_reader_close(a);
    gguf_reader_close(b);
    gguf_reader_close(c);
}

static void embedding_models_that_cannot_be_are_refused(void)
{
    struct model_bert_options wrong = mini;
    struct error e = {0};
    wrong.heads = 3;
    ck_assert_int_eq(model_bert_write(&wrong, testkit_tmp_path("w.gguf"), &e), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_text(&e), "3 heads"));
    wrong = mini;
    wrong.ffn = 40;
    wrong.type = MODEL_Q8_0;
    ck_assert_int_eq(model_bert_write(&wrong, testkit_tmp_path("w.gguf"), &e), STATUS_USAGE);
}

static void the_projector_fits_its_text_model(void)
{
    const struct model_projector_options o = {.seed = 1, .dim = 96};
    struct error e = {0};
    const char *path = testkit_tmp_path("mmproj.gguf");
    ck_assert_msg(model_projector_write(&o, path, &e) == STATUS_OK, "%s", error_text(&e));
    struct gguf_reader *r = gguf_reader_open(path);
    ck_assert_mem_eq(gguf_reader_key(r, "general.architecture")->bytes, "clip", 4);
    ck_assert_uint_eq(gguf_reader_key(r, "clip.vision.projection_dim")->number, 96);
    ck_assert_uint_eq(gguf_reader_key(r, "clip.vision.image_mean")->number, 3);
    ck_assert_uint_eq(gguf_reader_tensor(r, "mm.0.weight")->dims[1], 96);
    ck_assert_uint_eq(gguf_reader_tensor(r, "mm.2.weight")->dims[0], 96);
    ck_assert_uint_eq(gguf_reader_tensor(r, "v.patch_embd.weight")->dims[2], 3);
    ck_assert_uint_eq(gguf_reader_tensor(r, "v.position_embd.weight")->dims[1], MODEL_PROJECTOR_TOKENS + 1);
    gguf_reader_close(r);
    ck_assert_int_eq(model_projector_write(&(struct model_projector_options){0}, path, &e), STATUS_USAGE);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(texts_are_cut_into_the_longest_pieces),
        TESTKIT_TEST(every_ascii_text_is_known_and_no_piece_is_there_twice),
        TESTKIT_TEST(the_embedding_model_has_what_engines_need),
        TESTKIT_TEST(the_same_seed_gives_the_same_embedding_model),
        TESTKIT_TEST(embedding_models_that_cannot_be_are_refused),
        TESTKIT_TEST(the_projector_fits_its_text_model),
        {0},
    };
    return testkit_run("model_bert", tests);
}
