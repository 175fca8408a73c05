#include "metric.h"

#include <string.h>

const struct metric metrics_all[] = {
    {"ttfe_s", "s", BETTER_LOWER, false,
        "Time from sending the request to the first stream event of any kind; comments do not count."},
    {"ttft_s", "s", BETTER_LOWER, false,
        "Time from sending the request to the first event that carries a token of reasoning, answer or tool "
        "call."},
    {"ttfa_s", "s", BETTER_LOWER, false,
        "Time from sending the request to the first event that carries answer text."},
    {"icl_s", "s", BETTER_LOWER, true,
        "Gap between two token-carrying events (chunks), pooled over all exchanges."},
    {"itl_s", "s", BETTER_LOWER, true,
        "Gap between two tokens, pooled over all exchanges; present only where each event is one token."},
    {"tpot_s", "s", BETTER_LOWER, false,
        "Time per output token: from the first token event to the last, divided by the tokens after the "
        "first event: token events less one where each event is one token (a stop token that is counted "
        "but never sent is left out), else the server's count less the tokens of the first event."},
    {"latency_s", "s", BETTER_LOWER, false, "Time from sending the request to the last byte of the answer."},
    {"response_s", "s", BETTER_LOWER, false,
        "Time from the intended moment of the request to the last byte of the answer, waiting in the client "
        "included."},
    {"prefill_tokens_per_s", "tokens/s", BETTER_HIGHER, false,
        "Prompt tokens actually computed (those from a cache left out) divided by the time to first token; "
        "where the server does not say how many were cached none is left out, so a prompt that was cached "
        "in part looks faster than it is."},
    {"decode_tokens_per_s", "tokens/s", BETTER_HIGHER, false,
        "Output tokens per second of one exchange: 1 / tpot_s."},
    {"output_tokens_per_s", "tokens/s", BETTER_HIGHER, false,
        "Output tokens of all exchanges per second of the steady-state window."},
    {"requests_per_s", "requests/s", BETTER_HIGHER, false,
        "Exchanges completed per second of the steady-state window."},
    {"goodput_per_s", "requests/s", BETTER_HIGHER, false,
        "Exchanges that met every service level objective, per second."},
    {"goodput_fraction", "1", BETTER_HIGHER, false,
        "Exchanges that met every service level objective divided by all exchanges, failures included."},
    {"failed_fraction", "1", BETTER_LOWER, false,
        "Exchanges of a load test that failed, divided by all that ended; those that we cut off are in "
        "neither."},
    {"load_s", "s", BETTER_LOWER, false, "Time to load the model, by the server's own events or figure."},
    {"unload_s", "s", BETTER_LOWER, false,
        "Time from asking the server to unload the model until it says that the model is no longer loaded."},
    {"switch_s", "s", BETTER_LOWER, false,
        "Time to first token of the first request to a model while another one was being used."},
    {"idle_ttft_s", "s", BETTER_LOWER, false, "Time to first token of the first request after a long pause."},
    {"cold_ttft_s", "s", BETTER_LOWER, false,
        "Time to first token of a prompt that no cache of the server can know."},
    {"warm_ttft_s", "s", BETTER_LOWER, false,
        "Time to first token of the prompt that was asked just before, word for word."},
    {"inputs_per_s", "inputs/s", BETTER_HIGHER, false,
        "Texts of one embedding request divided by its latency."},
    {"valid_fraction", "1", BETTER_HIGHER, false,
        "Answers that are what was asked for (a call of the right function with valid arguments, an instance "
        "of "
        "the schema) divided by all answers."},
    {"overhead_ratio", "1", BETTER_LOWER, false,
        "Latency with tools or a schema in the request divided by the latency of the same request without."},
    {"image_tokens", "tokens", BETTER_EXACT, false,
        "Prompt tokens that one picture adds: those of a prompt with pictures less those of the same prompt "
        "without, divided by the pictures; by the server's count."},
    {"audio_tokens", "tokens", BETTER_EXACT, false,
        "Prompt tokens that a sound adds: those of a prompt with it less those of the same prompt without, "
        "by "
        "the server's count."},
    {"audio_rtf", "1", BETTER_LOWER, false,
        "Real-time factor of a transcription: time from sending the sound to the last byte of its "
        "transcript, "
        "divided by the duration of the sound; below 1 is faster than it was spoken."},
    {"wer", "1", BETTER_LOWER, false,
        "Word error rate of a transcript: words misheard, missing and made up, divided by the words spoken."},
    {"speech_s_per_s", "s/s", BETTER_HIGHER, false,
        "Seconds of speech made per second from sending the text to the last byte of the sound."},
    {"image_s", "s", BETTER_LOWER, false,
        "Time from sending the request to the last byte of the answer, divided by the pictures that it "
        "brought."},
    {"image_step_s", "s", BETTER_LOWER, false,
        "Time that one more step takes: the difference in latency of two requests that differ in their "
        "steps, "
        "divided by the difference in steps."},
    {"server_memory_bytes", "bytes", BETTER_LOWER, false,
        "Highest resident memory of the processes of a server on this machine during the test, sampled; what "
        "it "
        "had before is part of it, memory on a GPU is not."},
    {"joules_per_token", "J/token", BETTER_LOWER, false,
        "Energy used while requests were being answered less what the machine draws without work in as long, "
        "divided by the completion tokens."},
    {"joules_per_request", "J/request", BETTER_LOWER, false,
        "The same energy divided by the requests that were answered."},
    {0},
};

const struct metric *metric_find(const char *name)
{
    for (const struct metric *m = metrics_all; m->name != NULL; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

const char *better_name(enum better better)
{
    static const char *const names[] = {
        [BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher", [BETTER_EXACT] = "exact"};
    size_t i = (size_t)better;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}
