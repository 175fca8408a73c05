#include "server_kind.h"

#include <string.h>
#include <strings.h>

static const struct model_details ollama_tags = {.path = "/api/tags",
    .list = "/models",
    .id = "/name",
    .digest = "/digest",
    .family = "/details/family",
    .format = "/details/format",
    .quantization = "/details/quantization_level",
    .parameters = "/details/parameter_size",
    .size_bytes = "/size"};

static const struct model_details lmstudio_models = {.path = "/api/v0/models",
    .list = "/data",
    .id = "/id",
    .family = "/arch",
    .format = "/compatibility_type",
    .quantization = "/quantization",
    .context_length = "/max_context_length",
    .type = "/type",
    .state = "/state",
    .loaded_context = "/loaded_context_length"};

const struct server_kind server_kinds[] = {
    {.name = "llama.cpp",
        .short_name = "llamacpp",
        .server_header = "llama.cpp",
        .owned_by = "llamacpp",
        .native = "llamacpp",
        .knows_cache_prompt = true,
        .knows_ignore_eos = true,
        .always_loaded = true,
        .version_path = "/props",
        .version_pointer = "/build_info",
        .framework = "llama.cpp",
        .format = "gguf"},
    {.name = "ollama",
        .short_name = "ollama",
        .owned_by = "library",
        .root_text = "Ollama is running",
        .native = "ollama",
        .version_path = "/api/version",
        .version_pointer = "/version",
        .details = &ollama_tags,
        .framework = "ollama",
        .format = "gguf"},
    {.name = "lmstudio",
        .short_name = "lmstudio",
        .owned_by = "organization_owner",
        .root_text = "{\"error\":\"Unexpected endpoint or method.",
        .native = "lmstudio",
        .knows_ttl = true,
        .details = &lmstudio_models,
        .framework = "",
        .format = ""},
    {.name = "vllm",
        .short_name = "vllm",
        .owned_by = "vllm",
        .knows_ignore_eos = true,
        .always_loaded = true,
        .version_path = "/version",
        .version_pointer = "/version",
        .framework = "vllm",
        .format = ""},
    {.name = "sglang",
        .short_name = "sglang",
        .owned_by = "sglang",
        .knows_ignore_eos = true,
        .framework = "sglang",
        .format = ""},
    {.name = "koboldcpp",
        .short_name = "koboldcpp",
        .owned_by = "koboldcpp",
        .server_header = "KoboldCppServer",
        .version_path = "/api/extra/version",
        .version_pointer = "/version",
        .framework = "llama.cpp",
        .format = "gguf"},
    {.name = "tabbyapi",
        .short_name = "tabbyapi",
        .owned_by = "tabbyAPI",
        .framework = "exllama",
        .format = ""},
    {.name = "llama-swap",
        .short_name = "llamaswap",
        .owned_by = "llama-swap",
        .framework = "",
        .format = ""},
    {.name = "mlx-knife",
        .short_name = "mlxknife",
        .owned_by = "mlx-knife",
        .framework = "mlx",
        .format = "mlx"},
    /* Python's own http.server: of the known model servers only mlx_lm is built on it. */
    {.name = "mlx_lm",
        .short_name = "mlx_lm",
        .server_header = "BaseHTTP/",
        .framework = "mlx",
        .format = "mlx"},
    {.name = "assay-sim",
        .short_name = "sim",
        .server_header = "assay-sim",
        .version_in_header = true,
        .framework = "",
        .format = ""},
    {.name = NULL},
};

static bool begins_with(const char *text, const char *prefix)
{
    return text && prefix && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* The models' owner says more than the header, which may be that of a proxy or a framework. */
const struct server_kind *server_kind_find(const char *server_header, const char *owned_by)
{
    for (const struct server_kind *k = server_kinds; k->name; k++)
        if (begins_with(owned_by, k->owned_by))
            return k;
    for (const struct server_kind *k = server_kinds; k->name; k++)
        if (begins_with(server_header, k->server_header))
            return k;
    return NULL;
}

const struct server_kind *server_kind_of(const char *name)
{
    for (const struct server_kind *k = server_kinds; k->name; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

const struct server_kind *server_kind_find_by_root(const char *root_text)
{
    for (const struct server_kind *k = server_kinds; k->name; k++)
        if (begins_with(root_text, k->root_text))
            return k;
    return NULL;
}

bool server_header_is_generic(const char *server_header)
{
    static const char *const generic[] = {"uvicorn", "hypercorn", "gunicorn", "nginx", "apache", "caddy",
        "cloudflare", "werkzeug", "BaseHTTP", "TornadoServer"};
    for (size_t i = 0; i < sizeof generic / sizeof generic[0]; i++)
        if (begins_with(server_header, generic[i]))
            return true;
    return false;
}
