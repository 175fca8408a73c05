/*
 * model_server.h - what a case may know of the server and the model that it runs on.
 *
 *     const struct target_info *server = target_info(assay_target(ctx));
 *     if (!(target_offers(assay_target(ctx)) & OFFER_EMBED))
 *         assay_skip(ctx, "%s makes no vectors", server->server);
 *
 * Requests go through the functions of assay.h, which record and measure.
 */
#ifndef ASSAY_MODEL_SERVER_H
#define ASSAY_MODEL_SERVER_H

#include "request.h"

ASSAY_BEGIN

struct target; /* opaque */

/* What a target is, for records: strings owned by the target, without credentials. */
struct target_info {
    char name[64];
    char protocol[16];
    char server[64];         /* "llama.cpp", "ollama", ...; "" if unknown */
    char server_version[64]; /* "" if unknown */
    char endpoint[512];      /* base URL without credentials, query and fragment */
    char via[256];           /* how it is reached beside that; "" the usual way */
    bool managed, simulated;
};

/* What goes into a model or comes out of it. */
enum modality {
    MODALITY_TEXT = 1,
    MODALITY_VISION = 2,
    MODALITY_AUDIO = 4, /* understands sound */
    MODALITY_EMBEDDING = 8,
    MODALITY_IMAGE = 16,  /* makes pictures */
    MODALITY_SPEECH = 32, /* makes sound */
    MODALITY_RERANK = 64,
    MODALITY_TOOLS = 128, /* text, trained to call functions */
};

/* Fields of a model that may be guessed from its name (docs/servers.md). */
enum model_field {
    MODEL_FAMILY = 1,
    MODEL_VARIANT = 2,
    MODEL_FORMAT = 4,
    MODEL_QUANTIZATION = 8,
    MODEL_PARAMETERS = 16,
    MODEL_CONTEXT = 32,
    MODEL_MODALITIES = 64,
};

enum model_state { MODEL_STATE_UNKNOWN, MODEL_LOADED, MODEL_NOT_LOADED };

/* A model as the server describes it; empty or 0 where it does not say. */
struct model_info {
    char id[256];
    char digest[80], family[64], variant[64], framework[32], format[32], quantization[32];
    int64_t parameters, size_bytes, context_length;
    int64_t loaded_context; /* tokens, as it is loaded now */
    int64_t memory_bytes;   /* that it takes now */
    enum model_state state; /* when it was listed */
    unsigned modalities;    /* of enum modality; 0: unknown */
    unsigned guessed;       /* of enum model_field: from the name, not from the server */
};

ASSAY_API const struct target_info *target_info(const struct target *target);

/* What a protocol can do at all: bits for the tasks and for what follows. Whether this server does it is seen
 * when it is asked: 404, 405 and 501 say that it does not. */
enum offer {
    OFFER_CHAT = 1 << TASK_CHAT,
    OFFER_COMPLETION = 1 << TASK_COMPLETION,
    OFFER_EMBED = 1 << TASK_EMBED,
    OFFER_RERANK = 1 << TASK_RERANK,
    OFFER_IMAGE = 1 << TASK_IMAGE,
    OFFER_TRANSCRIBE = 1 << TASK_TRANSCRIBE,
    OFFER_SPEAK = 1 << TASK_SPEAK,
    OFFER_TOKENIZE = 1 << 16,
    OFFER_LOAD = 1 << 17, /* load and unload */
    OFFER_LOADED = 1 << 18,
    OFFER_SLOTS = 1 << 19,
    OFFER_PULL = 1 << 20,
    OFFER_IGNORE_EOS = 1 << 21,    /* engine_options.ignore_eos has an effect */
    OFFER_CACHE_PROMPT = 1 << 22,  /* engine_options.cache_prompt likewise */
    OFFER_TOKEN_PROMPTS = 1 << 23, /* completion_request.tokens */
    OFFER_CREATE = 1 << 24,        /* make a variant of a model, and delete it */
    OFFER_TOOL_CHOICE = 1 << 25,   /* chat_request.tool_choice */
    OFFER_SOUND = 1 << 26,         /* media_part of kind MEDIA_AUDIO in a message */
    OFFER_STOP = 1 << 27,          /* chat_request.stop */
    OFFER_FINISH_REASON = 1 << 28, /* each answer of a chat says why it ended */
};
ASSAY_API unsigned target_offers(const struct target *target);

/* What loading a model, or unloading it, came to. */
struct load_report {
    bool was_loaded;    /* nothing had to be done */
    double server_s;    /* as the server says; negative where it does not */
    int64_t t_start_ns; /* of the request and of its end, monotonic */
    int64_t t_end_ns;
};

ASSAY_END

#endif
