#include "model_guess.h"

#include "testkit.h"

#include <stdio.h>
#include <string.h>

enum { T = MODALITY_TEXT, V = MODALITY_TEXT | MODALITY_VISION, E = MODALITY_EMBEDDING, A = MODALITY_AUDIO };

/* Names as people find them in Ollama's library, on Hugging Face and in their own folders. */
static const struct {
    const char *id, *family, *variant, *format, *quantization;
    double parameters; /* in billions */
    int64_t context;
    unsigned modalities;
} names[] = {
    {"Qwen2.5-7B-Instruct-Q4_K_M.gguf", "qwen", "instruct", "gguf", "Q4_K_M", 7, 0, T},
    {"mlx-community/Llama-3.2-3B-Instruct-4bit", "llama", "instruct", "mlx", "4bit", 3, 0, T},
    {"gpt-oss:20b", "gpt-oss", "", "", "", 20, 0, T},
    {"gpt-oss-120b-MXFP4.gguf", "gpt-oss", "", "gguf", "MXFP4", 120, 0, T},
    {"nomic-embed-text:v1.5", "nomic-bert", "", "", "", 0, 0, E},
    {"text-embedding-nomic-embed-text-v1.5", "nomic-bert", "", "", "", 0, 0, E},
    {"llava:13b", "llava", "", "", "", 13, 0, V},
    {"llava:7b-v1.6-mistral-q4_0", "llava", "", "", "Q4_0", 7, 0, V},
    {"bakllava:7b", "llava", "", "", "", 7, 0, V},
    {"whisper-large-v3", "whisper", "", "", "", 0, 0, A},
    {"mlx-community/whisper-large-v3-turbo", "whisper", "", "mlx", "", 0, 0, A},
    {"distil-whisper/distil-large-v3", "whisper", "", "", "", 0, 0, A},
    {"llama3:8b-instruct-q4_K_M", "llama", "instruct", "", "Q4_K_M", 8, 0, T},
    {"llama3.1:70b", "llama", "", "", "", 70, 0, T},
    {"llama3.2:1b", "llama", "", "", "", 1, 0, T},
    {"llama3.2-vision:11b", "llama", "", "", "", 11, 0, V},
    {"meta-llama/Llama-3.1-8B-Instruct", "llama", "instruct", "", "", 8, 0, T},
    {"meta-llama/Llama-3.3-70B-Instruct", "llama", "instruct", "", "", 70, 0, T},
    {"meta-llama/Llama-2-7b-chat-hf", "llama", "chat", "", "", 7, 0, T},
    {"Meta-Llama-3-8B-Instruct.Q8_0.gguf", "llama", "instruct", "gguf", "Q8_0", 8, 0, T},
    {"TheBloke/Llama-2-13B-chat-GPTQ", "llama", "chat", "safetensors", "GPTQ", 13, 0, T},
    {"TheBloke/Mistral-7B-Instruct-v0.2-AWQ", "mistral", "instruct", "safetensors", "AWQ", 7, 0, T},
    {"TheBloke/Mistral-7B-Instruct-v0.2-GGUF", "mistral", "instruct", "gguf", "", 7, 0, T},
    {"mistral:7b-instruct-v0.3-q5_1", "mistral", "instruct", "", "Q5_1", 7, 0, T},
    {"mistral-nemo:12b", "mistral", "", "", "", 12, 0, T},
    {"mistralai/Mistral-Small-24B-Instruct-2501", "mistral", "instruct", "", "", 24, 0, T},
    {"mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral", "instruct", "", "", 56, 0, T},
    {"mixtral:8x22b", "mixtral", "", "", "", 176, 0, T},
    {"mistralai/Pixtral-12B-2409", "mistral", "", "", "", 12, 0, V},
    {"codestral:22b-v0.1-q4_1", "mistral", "", "", "Q4_1", 22, 0, T},
    {"devstral:24b", "mistral", "", "", "", 24, 0, T},
    {"mlx-community/Ministral-8B-Instruct-2410-8bit", "mistral", "instruct", "mlx", "8bit", 8, 0, T},
    {"qwen2.5:0.5b", "qwen", "", "", "", 0.5, 0, T},
    {"qwen2.5-coder:7b-instruct-q5_K_S", "qwen", "instruct", "", "Q5_K_S", 7, 0, T},
    {"qwen1_5-0_5b-chat-q4_k_m.gguf", "qwen", "chat", "gguf", "Q4_K_M", 0.5, 0, T},
    {"Qwen/Qwen2.5-7B-Instruct-1M", "qwen", "instruct", "", "", 7, 1048576, T},
    {"Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen", "instruct", "", "", 30, 0, T},
    {"Qwen/Qwen3-235B-A22B-Thinking-2507-FP8", "qwen", "thinking", "", "FP8", 235, 0, T},
    {"qwen3:4b-thinking-2507-q4_K_M", "qwen", "thinking", "", "Q4_K_M", 4, 0, T},
    {"qwen/qwen3-coder-30b", "qwen", "coder", "", "", 30, 0, T},
    {"Qwen3-8B-UD-Q4_K_XL.gguf", "qwen", "", "gguf", "Q4_K_XL", 8, 0, T},
    {"mlx-community/Qwen3-4B-4bit-DWQ", "qwen", "", "mlx", "4bit", 4, 0, T},
    {"lmstudio-community/Qwen2.5-14B-Instruct-MLX-6bit", "qwen", "instruct", "mlx", "6bit", 14, 0, T},
    {"Qwen/Qwen2-VL-7B-Instruct", "qwen", "instruct", "", "", 7, 0, V},
    {"qwen2.5vl:7b", "qwen", "", "", "", 7, 0, V},
    {"mlx-community/Qwen2.5-VL-3B-Instruct-4bit", "qwen", "instruct", "mlx", "4bit", 3, 0, V},
    {"Qwen/Qwen3-Embedding-0.6B", "qwen", "", "", "", 0.6, 0, E},
    {"Qwen/Qwen3-Reranker-0.6B", "qwen", "", "", "", 0.6, 0, MODALITY_RERANK},
    {"Qwen/Qwen2-Audio-7B-Instruct", "qwen", "instruct", "", "", 7, 0, T | A},
    {"Qwen/Qwen2.5-Omni-7B", "qwen", "", "", "", 7, 0, V | A},
    {"Qwen/Qwen-Image", "qwen", "", "", "", 0, 0, MODALITY_IMAGE},
    {"qwq:32b-q8_0", "qwen", "", "", "Q8_0", 32, 0, T},
    {"deepseek-r1:671b", "deepseek", "", "", "", 671, 0, T},
    {"DeepSeek-R1-Distill-Qwen-1.5B-Q4_K_M.gguf", "deepseek", "", "gguf", "Q4_K_M", 1.5, 0, T},
    {"deepseek-coder-v2:16b-lite-instruct-q2_K", "deepseek", "instruct", "", "Q2_K", 16, 0, T},
    {"gemma3:270m", "gemma", "", "", "", 0.27, 0, T},
    {"google/gemma-2-9b-it", "gemma", "instruct", "", "", 9, 0, T},
    {"gemma-3-4b-it-qat-q4_0.gguf", "gemma", "instruct", "gguf", "Q4_0", 4, 0, T},
    {"gemma3n:e4b", "gemma", "", "", "", 4, 0, T},
    {"google/paligemma-3b-mix-224", "gemma", "", "", "", 3, 0, V},
    {"embeddinggemma:300m", "gemma", "", "", "", 0.3, 0, E},
    {"codegemma:7b-code-q4_0", "gemma", "code", "", "Q4_0", 7, 0, T},
    {"microsoft/Phi-3-mini-4k-instruct-gguf", "phi", "instruct", "gguf", "", 0, 4096, T},
    {"Phi-3-medium-128k-instruct-IQ3_XXS.gguf", "phi", "instruct", "gguf", "IQ3_XXS", 0, 131072, T},
    {"phi3.5:3.8b-mini-instruct-q6_K", "phi", "instruct", "", "Q6_K", 3.8, 0, T},
    {"microsoft/Phi-4-multimodal-instruct", "phi", "instruct", "", "", 0, 0, V | A},
    {"phi4:14b", "phi", "", "", "", 14, 0, T},
    {"NousResearch/Yarn-Llama-2-7b-128k", "llama", "", "", "", 7, 131072, T},
    {"NousResearch/Hermes-3-Llama-3.1-8B", "llama", "", "", "", 8, 0, T},
    {"TinyLlama-1.1B-Chat-v1.0.Q2_K.gguf", "llama", "chat", "gguf", "Q2_K", 1.1, 0, T},
    {"codellama:34b-instruct", "llama", "instruct", "", "", 34, 0, T},
    {"smollm2:135m", "smollm", "", "", "", 0.135, 0, T},
    {"HuggingFaceTB/SmolLM2-1.7B-Instruct", "smollm", "instruct", "", "", 1.7, 0, T},
    {"HuggingFaceTB/SmolVLM-256M-Instruct", "smolvlm", "instruct", "", "", 0.256, 0, V},
    {"granite3.3:2b", "granite", "", "", "", 2, 0, T},
    {"ibm-granite/granite-3.1-8b-base", "granite", "base", "", "", 8, 0, T},
    {"command-r:35b-v0.1-q4_K_M", "command-r", "", "", "Q4_K_M", 35, 0, T},
    {"starcoder2:15b", "starcoder", "", "", "", 15, 0, T},
    {"tiiuae/falcon-40b-instruct", "falcon", "instruct", "", "", 40, 0, T},
    {"THUDM/glm-4-9b-chat", "glm", "chat", "", "", 9, 0, T},
    {"zai-org/GLM-4.5-Air-FP8", "glm", "", "", "FP8", 0, 0, T},
    {"moonshotai/Kimi-K2-Instruct", "kimi", "instruct", "", "", 0, 0, T},
    {"openbmb/MiniCPM-V-2_6", "minicpm", "", "", "", 0, 0, V},
    {"moondream:1.8b", "moondream", "", "", "", 1.8, 0, V},
    {"internlm2:7b-chat-v2.5-fp16", "internlm", "chat", "", "F16", 7, 0, T},
    {"OpenGVLab/InternVL2-8B", "internvl", "", "", "", 8, 0, V},
    {"01-ai/Yi-1.5-34B-Chat", "yi", "chat", "", "", 34, 0, T},
    {"LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct-BF16.gguf", "exaone", "instruct", "gguf", "BF16", 2.4, 0, T},
    {"LiquidAI/LFM2-1.2B", "lfm2", "", "", "", 1.2, 0, T},
    {"allenai/OLMo-2-1124-7B-Instruct", "olmo", "instruct", "", "", 7, 0, T},
    {"RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama", "instruct", "", "W4A16", 8, 0, T},
    {"unsloth/Llama-3.2-1B-Instruct-bnb-4bit", "llama", "instruct", "", "4bit", 1, 0, T},
    {"BAAI/bge-m3", "bert", "", "", "", 0, 0, E},
    {"bge-base-en-v1.5-f16.gguf", "bert", "", "gguf", "F16", 0, 0, E},
    {"BAAI/bge-reranker-v2-m3", "bert", "", "", "", 0, 0, MODALITY_RERANK},
    {"mxbai-embed-large:335m", "bert", "", "", "", 0.335, 0, E},
    {"all-minilm:22m", "bert", "", "", "", 0.022, 0, E},
    {"sentence-transformers/all-MiniLM-L6-v2", "bert", "", "", "", 0, 0, E},
    {"intfloat/multilingual-e5-large-instruct", "bert", "", "", "", 0, 0, E},
    {"snowflake-arctic-embed2:568m", "", "", "", "", 0.568, 0, E},
    {"jinaai/jina-embeddings-v3", "", "", "", "", 0, 0, E},
    {"nvidia/parakeet-tdt-0.6b-v2", "", "", "", "", 0.6, 0, A},
    {"mlx-community/Kokoro-82M-bf16", "", "", "mlx", "BF16", 0.082, 0, MODALITY_SPEECH},
    {"outetts-0.2-500m-q8_0.gguf", "", "", "gguf", "Q8_0", 0.5, 0, MODALITY_SPEECH},
    {"black-forest-labs/FLUX.1-schnell", "flux", "", "", "", 0, 0, MODALITY_IMAGE},
    {"stabilityai/stable-diffusion-3.5-medium", "stable-diffusion", "", "", "", 0, 0, MODALITY_IMAGE},
    {"tiny-chain", "", "", "", "", 0, 0, 0},
    {"model", "", "", "", "", 0, 0, 0},
    {"my-thing-2024-05-13", "", "", "", "", 0, 0, 0},
    {"", "", "", "", "", 0, 0, 0},
};

static struct model_info guess(const char *id)
{
    struct model_info m = {0};
    snprintf(m.id, sizeof m.id, "%s", id);
    model_guess_fill(&m);
    return m;
}

static void names_of_the_real_world_are_read(void)
{
    ck_assert_uint_ge(sizeof names / sizeof names[0], 80);
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct model_info m = guess(names[i].id);
        bool right = strcmp(m.family, names[i].family) == 0 && strcmp(m.variant, names[i].variant) == 0 &&
                     strcmp(m.format, names[i].format) == 0 &&
                     strcmp(m.quantization, names[i].quantization) == 0 &&
                     m.parameters == (int64_t)(names[i].parameters * 1e9 + 0.5) &&
                     m.context_length == names[i].context && m.modalities == names[i].modalities;
        if (right)
            continue;
        wrong++;
        fprintf(stderr,
            "%s: family %s, variant %s, format %s, quantization %s, %lld parameters, context %lld, "
            "modalities %u\n",
            m.id, m.family, m.variant, m.format, m.quantization, (long long)m.parameters,
            (long long)m.context_length, m.modalities);
    }
    ck_assert_uint_eq(wrong, 0);
}

static void every_guess_is_marked_and_nothing_else(void)
{
    struct model_info m = guess("mlx-community/Llama-3.2-3B-Instruct-4bit");
    ck_assert_uint_eq(m.guessed, MODEL_FAMILY | MODEL_VARIANT | MODEL_FORMAT | MODEL_QUANTIZATION |
                                     MODEL_PARAMETERS | MODEL_MODALITIES);
    ck_assert_uint_eq(guess("tiny-chain").guessed, 0);
}

static void what_the_server_said_stays(void)
{
    struct model_info m = {.id = "Llama-3-8B-128k-Instruct-Q4_K_M.gguf",
        .family = "qwen2",
        .variant = "v",
        .format = "mlx",
        .quantization = "Q8_0",
        .parameters = 5,
        .context_length = 6,
        .modalities = MODALITY_EMBEDDING};
    struct model_info before = m;
    model_guess_fill(&m);
    ck_assert_mem_eq(&m, &before, sizeof m);
}

static void hostile_names_are_harmless(void)
{
    struct model_info m = {0};
    memset(m.id, '9', sizeof m.id - 1);
    model_guess_fill(&m);
    ck_assert_int_eq(m.parameters, 0);
    memset(m.id, '-', sizeof m.id - 1);
    model_guess_fill(&m);
    ck_assert_uint_eq(m.guessed, 0);
    ck_assert_int_eq(guess("x-99999999999999999999999b").parameters, 0);
    ck_assert_int_eq(guess("\xff\xfe\x1b[31m7b").parameters, 0);
    ck_assert_int_eq(guess("0b").parameters, 0);
}

static void bits_of_a_quantisation_are_those_of_its_name(void)
{
    ck_assert_double_eq(model_guess_bits("Q8_0"), 8.5);
    ck_assert_double_eq(model_guess_bits("q4_k_m"), 4.9);
    ck_assert_double_eq(model_guess_bits("Q4_K - Medium"), 4.9); /* as llama.cpp writes it */
    ck_assert_double_eq(model_guess_bits("4bit"), 4.5);
    ck_assert_double_eq(model_guess_bits("F16"), 16);
    ck_assert_double_eq(model_guess_bits("something"), 0);
    ck_assert_double_eq(model_guess_bits(""), 0);
}

static void names_of_fields_lead_back_to_them(void)
{
    for (unsigned bit = MODEL_FAMILY; bit <= MODEL_MODALITIES; bit *= 2)
        ck_assert_uint_eq(model_field_of(model_field_name(bit)), bit);
    ck_assert_uint_eq(model_field_of("id"), 0);
    ck_assert_str_eq(model_field_name(3), "");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(names_of_the_real_world_are_read),
        TESTKIT_TEST(every_guess_is_marked_and_nothing_else),
        TESTKIT_TEST(what_the_server_said_stays),
        TESTKIT_TEST(hostile_names_are_harmless),
        TESTKIT_TEST(bits_of_a_quantisation_are_those_of_its_name),
        TESTKIT_TEST(names_of_fields_lead_back_to_them),
        {0},
    };
    return testkit_run("model_guess", tests);
}
