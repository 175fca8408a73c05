#include "model_chain.h"

#include "gguf_reader.h"
#include "model_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct model_chain_options mini = {.name = "mini",
    .seed = 7,
    .dim = 64,
    .layers = 2,
    .ffn = 128,
    .heads = 4,
    .kv_heads = 2,
    .context = 512,
    .answer_tokens = 12,
    .type = MODEL_F16};

static struct gguf_reader *written(const struct model_chain_options *o, const char *name)
{
    struct error e = {0};
    const char *path = testkit_tmp_path(name);
    ck_assert_msg(model_chain_write(o, path, &e) == STATUS_OK, "%s", error_text(&e));
    return gguf_reader_open(path);
}

static void the_file_has_every_key_that_engines_need(void)
{
    static const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {"general.alignment", 32},
        {"general.file_type", 1},
        {"llama.context_length", 512},
        {"llama.embedding_length", 64},
        {"llama.block_count", 2},
        {"llama.feed_forward_length", 128},
        {"llama.attention.head_count", 4},
        {"llama.attention.head_count_kv", 2},
        {"llama.rope.dimension_count", 16},
        {"tokenizer.ggml.add_bos_token", 0},
    };
    struct gguf_reader *r = written(&mini, "keys.gguf");
    ck_assert_uint_eq(r->version, 3);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        ck_assert_msg(gguf_reader_key(r, numbers[i].key)->number == numbers[i].value, "%s", numbers[i].key);
    ck_assert_float_eq(gguf_reader_key(r, "llama.rope.freq_base")->real, 10000.0F);
    ck_assert_float_eq(gguf_reader_key(r, "llama.attention.layer_norm_rms_epsilon")->real, 1e-5F);
    ck_assert_mem_eq(gguf_reader_key(r, "general.architecture")->bytes, "llama", 5);
    ck_assert_mem_eq(gguf_reader_key(r, "tokenizer.ggml.model")->bytes, "gpt2", 4);
    ck_assert_mem_eq(gguf_reader_key(r, "tokenizer.ggml.pre")->bytes, "gpt-2", 5);
    const struct reader_key *template = gguf_reader_key(r, "tokenizer.chat_template");
    ck_assert_uint_eq(template->number, strlen(model_chain_template));
    gguf_reader_close(r);
}

static void the_tokenizer_in_the_file_is_the_vocabulary(void)
{
    struct gguf_reader *r = written(&mini, "tokenizer.gguf");
    struct model_vocab *v = model_vocab_new();
    const struct reader_key *tokens = gguf_reader_key(r, "tokenizer.ggml.tokens");
    ck_assert_uint_eq(tokens->number, v->count);
    ck_assert_uint_eq(gguf_reader_key(r, "llama.vocab_size")->number, v->count);
    ck_assert_uint_eq(gguf_reader_key(r, "tokenizer.ggml.token_type")->number, v->count);
    ck_assert_uint_eq(gguf_reader_key(r, "tokenizer.ggml.merges")->number, v->merge_count);
    ck_assert_str_eq(
        gguf_reader_text(tokens, gguf_reader_key(r, "tokenizer.ggml.eos_token_id")->number), "<|im_end|>");
    ck_assert_str_eq(gguf_reader_text(tokens, v->words[0]), v->texts[v->words[0]]);
    ck_assert_str_eq(gguf_reader_text(gguf_reader_key(r, "tokenizer.ggml.merges"), 0), v->merges[0]);
    model_vocab_free(v);
    gguf_reader_close(r);
}

static void tensors_have_the_names_shapes_and_sizes_of_a_llama(void)
{
    struct gguf_reader *r = written(&mini, "tensors.gguf");
    struct model_vocab *v = model_vocab_new();
    uint64_t parameters = 0;
    ck_assert_uint_eq(r->tensor_count, 3 + 2 * 9);
    for (size_t i = 0; i < r->tensor_count; i++)
        parameters += r->tensors[i].bytes / (r->tensors[i].type == 0 ? 4 : 2);
    ck_assert_uint_eq(parameters, model_chain_parameters(&mini, v));
    ck_assert_uint_eq(parameters, gguf_reader_key(r, "general.parameter_count")->number);
    const struct reader_tensor *down = gguf_reader_tensor(r, "blk.1.ffn_down.weight");
    ck_assert_uint_eq(down->dims[0], 128);
    ck_assert_uint_eq(down->dims[1], 64);
    ck_assert_uint_eq(gguf_reader_tensor(r, "blk.0.attn_k.weight")->dims[1], 32);
    ck_assert_uint_eq(gguf_reader_tensor(r, "blk.0.attn_norm.weight")->type, 0);
    ck_assert_float_eq(gguf_reader_value(gguf_reader_tensor(r, "output_norm.weight"), 63), 1.0F);
    model_vocab_free(v);
    gguf_reader_close(r);
}

/* The token whose output row is nearest to the normalised embedding of a token: what a model without layers
 * says. */
static uint32_t successor(const struct gguf_reader *r, uint32_t token)
{
    const struct reader_tensor *embeddings = gguf_reader_tensor(r, "token_embd.weight");
    const struct reader_tensor *head = gguf_reader_tensor(r, "output.weight");
    uint64_t dim = embeddings->dims[0];
    uint32_t best = 0;
    double best_logit = -INFINITY;
    for (uint32_t t = 0; t < head->dims[1]; t++) {
        double logit = 0;
        for (uint64_t i = 0; i < dim; i++)
            logit += (double)gguf_reader_value(embeddings, token * dim + i) *
                     (double)gguf_reader_value(head, t * dim + i);
        if (logit > best_logit) {
            best_logit = logit;
            best = t;
        }
    }
    return best;
}

static void the_head_walks_the_answer_from_any_other_token_to_the_end(void)
{
    struct gguf_reader *r = written(&mini, "walk.gguf");
    struct model_vocab *v = model_vocab_new();
    struct buf answer = BUF_INIT(4096);
    uint32_t expected[16];
    ck_assert_int_eq(model_chain_answer(&mini, 100, &answer), STATUS_OK);
    ck_assert_uint_eq(model_vocab_encode(v, buf_text(&answer), answer.len, expected, 16), 12);
    uint32_t starts[] = {'\n', '.', 'x', v->turn_end};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        ck_assert_uint_eq(successor(r, starts[i]), expected[0]);
    for (size_t i = 0; i + 1 < 12; i++)
        ck_assert_uint_eq(successor(r, expected[i]), expected[i + 1]);
    ck_assert_uint_eq(successor(r, expected[11]), v->turn_end);
    buf_fini(&answer);
    model_vocab_free(v);
    gguf_reader_close(r);
}

/* The script of every kind, in every type, from the file as an engine reads it. */
static void the_head_follows_the_script_of_every_kind_and_type(void)
{
    static const struct {
        enum model_kind kind;
        enum model_tensor_type type;
        uint32_t answer, reasoning;
    } variants[] = {{MODEL_KIND_CHAIN, MODEL_Q8_0, 20, 0}, {MODEL_KIND_CHAIN, MODEL_F32, 20, 0},
        {MODEL_KIND_UTF8, MODEL_Q8_0, 30, 0}, {MODEL_KIND_REASONING, MODEL_F16, 9, 5}};
    struct model_vocab *v = model_vocab_new();
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        struct model_chain_options o = mini;
        struct model_script script;
        struct error e = {0};
        o.kind = variants[i].kind;
        o.type = variants[i].type;
        o.answer_tokens = variants[i].answer;
        o.reasoning_tokens = variants[i].reasoning;
        ck_assert_int_eq(
            model_script_make(&script, o.kind, o.seed, o.answer_tokens, o.reasoning_tokens, &e), STATUS_OK);
        struct gguf_reader *r = written(&o, "variant.gguf");
        ck_assert_uint_eq(gguf_reader_tensor(r, "blk.0.ffn_down.weight")->type, (uint32_t)o.type);
        uint32_t token = '\n';
        for (size_t k = 0; k < script.count; k++) {
            uint32_t next = successor(r, token);
            ck_assert_msg(next == model_step_token(&script.steps[k], v), "variant %zu, step %zu", i, k);
            token = next;
        }
        ck_assert_uint_eq(successor(r, token), v->turn_end);
        gguf_reader_close(r);
    }
    model_vocab_free(v);
}

static void an_endless_answer_says_every_word_and_goes_round(void)
{
    struct model_chain_options endless = mini;
    struct buf once = BUF_INIT(1 << 16), twice = BUF_INIT(1 << 16);
    endless.answer_tokens = 0;
    ck_assert_int_eq(model_chain_answer(&endless, MODEL_WORD_COUNT, &once), STATUS_OK);
    ck_assert_int_eq(model_chain_answer(&endless, 2 * MODEL_WORD_COUNT, &twice), STATUS_OK);
    ck_assert_uint_eq(twice.len, 2 * once.len);
    ck_assert_mem_eq(twice.data, once.data, once.len);
    ck_assert_mem_eq(twice.data + once.len, once.data, once.len);
    for (size_t i = 0; i < MODEL_WORD_COUNT; i++) {
        char word[64];
        snprintf(word, sizeof word, " %s ", model_words[i]);
        ck_assert_msg(strstr(buf_text(&twice), word) != NULL, "%s is never said", model_words[i]);
    }
    buf_fini(&once);
    buf_fini(&twice);
}

static void the_same_seed_gives_the_same_bytes_and_another_one_does_not(void)
{
    struct model_chain_options other = mini;
    other.seed = 8;
    struct gguf_reader *a = written(&mini, "a.gguf"), *b = written(&mini, "b.gguf"),
                       *c = written(&other, "c.gguf");
    ck_assert_uint_eq(a->file.len, b->file.len);
    ck_assert_mem_eq(a->file.data, b->file.data, a->file.len);
    ck_assert_uint_eq(a->file.len, c->file.len);
    ck_assert_int_ne(memcmp(a->file.data, c->file.data, a->file.len), 0);
    gguf_reader_close(a);
    gguf_reader_close(b);
    gguf_reader_close(c);
}

static void options_that_make_no_model_are_refused(void)
{
    static const struct {
        struct model_chain_options o;
        const char *says;
    } wrong[] = {
        {{.dim = 64, .layers = 1, .ffn = 1, .heads = 3, .kv_heads = 1, .context = 1}, "64 dimensions"},
        {{.dim = 64, .layers = 1, .ffn = 1, .heads = 4, .kv_heads = 3, .context = 1}, "3 groups"},
        {{.dim = 64, .layers = 0, .ffn = 1, .heads = 4, .kv_heads = 2, .context = 1}, "layers"},
        {{.dim = 64, .layers = 1, .ffn = 1, .heads = 4, .kv_heads = 2, .context = 1, .answer_tokens = 513},
            "512"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error e = {0};
        ck_assert_int_eq(model_chain_write(&wrong[i].o, testkit_tmp_path("wrong.gguf"), &e), STATUS_USAGE);
        ck_assert_msg(strstr(error_text(&e), wrong[i].says) != NULL, "%s", error_text(&e));
    }
}

static void the_prompt_is_rendered_as_the_template_says(void)
{
    struct buf prompt = BUF_INIT(4096);
    model_chain_render_turn(&prompt, "system", "Be brief.");
    model_chain_render_turn(&prompt, "user", "Hi");
    model_chain_render_end(&prompt);
    ck_assert_str_eq(buf_text(&prompt),
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\n");
    buf_fini(&prompt);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_file_has_every_key_that_engines_need),
        TESTKIT_TEST(the_tokenizer_in_the_file_is_the_vocabulary),
        TESTKIT_TEST(tensors_have_the_names_shapes_and_sizes_of_a_llama),
        TESTKIT_TEST(the_head_walks_the_answer_from_any_other_token_to_the_end),
        TESTKIT_TEST(the_head_follows_the_script_of_every_kind_and_type),
        TESTKIT_TEST(an_endless_answer_says_every_word_and_goes_round),
        TESTKIT_TEST(the_same_seed_gives_the_same_bytes_and_another_one_does_not),
        TESTKIT_TEST(options_that_make_no_model_are_refused),
        TESTKIT_TEST(the_prompt_is_rendered_as_the_template_says),
        {0},
    };
    return testkit_run("model_chain", tests);
}
