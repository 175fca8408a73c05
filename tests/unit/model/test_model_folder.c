/* The folder against the GGUF file of the same options: the same weights, the same vocabulary. */
#include "model_folder.h"

#include "gguf_reader.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct model_chain_options mini = {.name = "mini",
    .seed = 7,
    .dim = 64,
    .layers = 2,
    .ffn = 96,
    .heads = 4,
    .kv_heads = 2,
    .context = 512,
    .answer_tokens = 12,
    .type = MODEL_F16};

static struct json_object *read_tree(const char *folder, const char *name)
{
    char path[4096];
    struct json_object *tree = NULL;
    struct error e = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(json_read_file(path, &tree, &e) == STATUS_OK, "%s", error_text(&e));
    return tree;
}

static char *written(const struct model_chain_options *o, const char *name)
{
    struct error e = {0};
    char *folder = strdup(testkit_tmp_path(name));
    ck_assert_msg(model_folder_write(o, folder, &e) == STATUS_OK, "%s", error_text(&e));
    return folder;
}

/* A safetensors file as its documentation describes it. */
struct safe {
    struct buf file;
    struct json_object *header;
    const unsigned char *data;
};

static struct safe open_safe(const char *folder)
{
    struct safe safe = {0};
    struct error e = {0};
    char path[4096];
    uint64_t length = 0;
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    safe.file = testkit_read(path);
    for (size_t i = 0; i < 8; i++)
        length |= (uint64_t)(unsigned char)safe.file.data[i] << (8 * i);
    ck_assert_uint_eq(length % 8, 0);
    ck_assert_msg(
        json_parse(safe.file.data + 8, length, &safe.header, &e) == STATUS_OK, "%s", error_text(&e));
    safe.data = (const unsigned char *)safe.file.data + 8 + length;
    return safe;
}

static void close_safe(struct safe *safe)
{
    json_object_put(safe->header);
    buf_fini(&safe->file);
}

static int64_t number_of(const struct safe *safe, const char *name, const char *rest)
{
    char pointer[160];
    int64_t value = -1;
    snprintf(pointer, sizeof pointer, "/%s/%s", name, rest);
    ck_assert_msg(json_get_int(safe->header, pointer, &value), "%s", pointer);
    return value;
}

static const unsigned char *row_of(const struct safe *safe, const char *name, int64_t row, int64_t row_bytes)
{
    return safe->data + number_of(safe, name, "data_offsets/0") + row * row_bytes;
}

static void tensors_stand_without_gaps_to_the_end_of_the_file(void)
{
    char *folder = written(&mini, "gaps");
    struct safe safe = open_safe(folder);
    int64_t end = 0;
    json_object_object_foreach(safe.header, name, value)
    {
        (void)value;
        if (strcmp(name, "__metadata__") == 0)
            continue;
        ck_assert_int_eq(number_of(&safe, name, "data_offsets/0"), end);
        end = number_of(&safe, name, "data_offsets/1");
    }
    ck_assert_ptr_eq(safe.data + end, (const unsigned char *)safe.file.data + safe.file.len);
    ck_assert_int_eq(number_of(&safe, "model.layers.1.mlp.down_proj.weight", "shape/0"), 64);
    ck_assert_int_eq(number_of(&safe, "model.layers.1.mlp.down_proj.weight", "shape/1"), 96);
    close_safe(&safe);
    free(folder);
}

/* Rows i and i + half a head turn together here; in GGUF they are 2i and 2i + 1. */
static void weights_are_those_of_the_gguf_file_but_for_the_order_of_rotated_rows(void)
{
    char *folder = written(&mini, "weights");
    struct safe safe = open_safe(folder);
    struct error e = {0};
    const char *path = testkit_tmp_path("weights.gguf");
    ck_assert_msg(model_chain_write(&mini, path, &e) == STATUS_OK, "%s", error_text(&e));
    struct gguf_reader *r = gguf_reader_open(path);
    const struct reader_tensor *head = gguf_reader_tensor(r, "output.weight");
    ck_assert_mem_eq(row_of(&safe, "lm_head.weight", 0, 128), head->data, head->bytes);
    const struct reader_tensor *up = gguf_reader_tensor(r, "blk.1.ffn_up.weight");
    ck_assert_mem_eq(row_of(&safe, "model.layers.1.mlp.up_proj.weight", 0, 128), up->data, up->bytes);
    const struct reader_tensor *q = gguf_reader_tensor(r, "blk.0.attn_q.weight");
    for (int64_t at = 0; at < 4; at++)
        for (int64_t i = 0; i < 8; i++)
            for (int64_t j = 0; j < 2; j++)
                ck_assert_mem_eq(
                    row_of(&safe, "model.layers.0.self_attn.q_proj.weight", 16 * at + i + 8 * j, 128),
                    q->data + (16 * at + 2 * i + j) * 128, 128);
    gguf_reader_close(r);
    close_safe(&safe);
    free(folder);
}

static void the_tokenizer_is_the_vocabulary(void)
{
    char *folder = written(&mini, "tokenizer");
    struct model_vocab *v = model_vocab_new();
    struct json_object *tree = read_tree(folder, "tokenizer.json");
    struct json_object *vocab = json_get_object(tree, "/model/vocab"), *id = NULL;
    ck_assert_uint_eq((size_t)json_object_object_length(vocab), v->count);
    for (size_t i = 0; i < v->count; i++) {
        ck_assert(json_object_object_get_ex(vocab, v->texts[i], &id));
        ck_assert_int_eq(json_object_get_int64(id), (int64_t)i);
    }
    ck_assert_uint_eq(json_object_array_length(json_get_array(tree, "/model/merges")), v->merge_count);
    ck_assert_uint_eq(json_object_array_length(json_get_array(tree, "/added_tokens")), 5);
    ck_assert_str_eq(json_get_text(tree, "/added_tokens/2/content"), "<|im_end|>");
    ck_assert_str_eq(json_get_text(tree, "/pre_tokenizer/type"), "ByteLevel");
    json_object_put(tree);
    model_vocab_free(v);
    free(folder);
}

static void only_control_tokens_are_special(void)
{
    char *folder = written(&mini, "special");
    struct json_object *tree = read_tree(folder, "tokenizer.json");
    bool special = false;
    ck_assert(json_get_bool(tree, "/added_tokens/0/special", &special) && special);
    ck_assert_str_eq(json_get_text(tree, "/added_tokens/3/content"), "<think>");
    ck_assert(json_get_bool(tree, "/added_tokens/3/special", &special) && !special);
    json_object_put(tree);
    free(folder);
}

static void the_configuration_says_how_the_model_is_made_and_ends(void)
{
    char *folder = written(&mini, "config");
    struct model_vocab *v = model_vocab_new();
    struct json_object *config = read_tree(folder, "config.json"),
                       *tokens = read_tree(folder, "tokenizer_config.json"),
                       *generation = read_tree(folder, "generation_config.json");
    int64_t n = 0;
    ck_assert_str_eq(json_get_text(config, "/model_type"), "llama");
    ck_assert_str_eq(json_get_text(config, "/torch_dtype"), "float16");
    ck_assert(json_get_int(config, "/head_dim", &n) && n == 16);
    ck_assert(json_get_int(config, "/vocab_size", &n) && n == (int64_t)v->count);
    ck_assert(json_get_int(config, "/eos_token_id/0", &n) && n == v->turn_end);
    ck_assert(json_get_int(generation, "/eos_token_id/0", &n) && n == v->turn_end);
    ck_assert_str_eq(json_get_text(tokens, "/chat_template"), model_chain_template);
    ck_assert(json_get_int(tokens, "/model_max_length", &n) && n == 512);
    json_object_put(config);
    json_object_put(tokens);
    json_object_put(generation);
    model_vocab_free(v);
    free(folder);
}

static void a_cache_names_the_snapshot_that_its_reference_leads_to(void)
{
    struct error e = {0};
    struct buf folder = BUF_INIT(8192);
    const char *home = testkit_tmp_path("cache");
    char *kept = strdup(home);
    struct model_chain_options other = mini;
    ck_assert_msg(
        model_folder_write_cache(&mini, kept, "toy", &folder, &e) == STATUS_OK, "%s", error_text(&e));
    char path[4096];
    snprintf(path, sizeof path, "%s/hub/models--mlx-community--toy/refs/main", kept);
    struct buf reference = testkit_read(path);
    ck_assert_uint_eq(reference.len, 40);
    ck_assert_str_eq(strrchr(buf_text(&folder), '/') + 1, buf_text(&reference));
    json_object_put(read_tree(buf_text(&folder), "config.json"));
    other.seed = 8;
    ck_assert_int_eq(model_folder_write_cache(&other, kept, "toy", NULL, &e), STATUS_OK);
    struct buf moved = testkit_read(path);
    ck_assert_str_ne(buf_text(&moved), buf_text(&reference));
    buf_fini(&moved);
    buf_fini(&reference);
    buf_fini(&folder);
    free(kept);
}

static void what_a_folder_cannot_hold_is_refused(void)
{
    struct model_chain_options q8 = mini;
    struct error e = {0};
    q8.type = MODEL_Q8_0;
    ck_assert_int_eq(model_folder_write(&q8, testkit_tmp_path("q8"), &e), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_text(&e), "q8_0"));
    static const char *const names[] = {"", "a/b", "a--b", ".."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_int_eq(
            model_folder_write_cache(&mini, testkit_tmp_path("names"), names[i], NULL, &e), STATUS_USAGE);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(tensors_stand_without_gaps_to_the_end_of_the_file),
        TESTKIT_TEST(weights_are_those_of_the_gguf_file_but_for_the_order_of_rotated_rows),
        TESTKIT_TEST(the_tokenizer_is_the_vocabulary),
        TESTKIT_TEST(only_control_tokens_are_special),
        TESTKIT_TEST(the_configuration_says_how_the_model_is_made_and_ends),
        TESTKIT_TEST(a_cache_names_the_snapshot_that_its_reference_leads_to),
        TESTKIT_TEST(what_a_folder_cannot_hold_is_refused),
        {0},
    };
    return testkit_run("model_folder", tests);
}
