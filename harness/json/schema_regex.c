#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema_regex.h"

#include "schema_chain.h"
#include "schema_pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

struct regex {
    struct regex *next;
    char *pattern;
    pcre2_code *quick;           /* machine code where possible */
    pcre2_code *counted;         /* calls back at each of its items */
    pcre2_match_context *limits; /* of quick */
    bool jit;
    struct chain *chain; /* instead of all of these; NULL: not as plain */
};

#define QUICK_TEXT_MAX 1024  /* bytes of a text that quick is tried on */
#define QUICK_CALLS_MAX 1000 /* backtracking points that it may use */
#define HEAP_MAX_KIB (64 << 10)
#define JIT_PROGRAMS_MAX ((size_t)8 << 20) /* bytes: machine code is made of no more patterns behind that */

#define OPTIONS                                                                                              \
    (PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |                           \
        PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C)

static enum status refuse_pattern(int code, size_t where, struct error *e)
{
    PCRE2_UCHAR text[200];
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return STATUS_NO_MEMORY;
    pcre2_get_error_message(code, text, sizeof text);
    if (code == PCRE2_ERROR_PATTERN_TOO_LARGE || code == PCRE2_ERROR_PATTERN_TOO_COMPLICATED ||
        code == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP)
        return error_set(e, STATUS_LIMIT, "the pattern asks for too much: %s", (const char *)text);
    return error_set(e, STATUS_INVALID, "the pattern is not valid at its character %zu: %s", where + 1,
        (const char *)text);
}

static enum status compile_translated(
    const struct buf *text, uint32_t more_options, pcre2_code **made, struct error *e)
{
    int code;
    PCRE2_SIZE where;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return STATUS_NO_MEMORY;
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_parens_nest_limit(context, 100);
#ifdef PCRE2_EXTRA_ALT_BSUX
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
#endif
    *made =
        pcre2_compile((PCRE2_SPTR)buf_text(text), text->len, OPTIONS | more_options, &code, &where, context);
    pcre2_compile_context_free(context);
    return *made != NULL ? STATUS_OK : refuse_pattern(code, where, e);
}

static size_t program_bytes(const pcre2_code *code, uint32_t what)
{
    size_t bytes = 0;
    return pcre2_pattern_info(code, what, &bytes) == 0 ? bytes : 0;
}

static enum status make_programs(struct regex *r, const struct buf *text, size_t *bytes, struct error *e)
{
    enum status s = compile_translated(text, 0, &r->quick, e);
    if (s == STATUS_OK)
        s = compile_translated(text, PCRE2_AUTO_CALLOUT, &r->counted, e);
    if (s != STATUS_OK)
        return s;
    if (*bytes < JIT_PROGRAMS_MAX)
        (void)pcre2_jit_compile(
            r->quick, PCRE2_JIT_COMPLETE); /* without it matching is slower, not different */
    size_t machine_code = program_bytes(r->quick, PCRE2_INFO_JITSIZE);
    r->jit = machine_code > 0;
    *bytes +=
        machine_code + program_bytes(r->quick, PCRE2_INFO_SIZE) + program_bytes(r->counted, PCRE2_INFO_SIZE);
    if (*bytes > REGEX_PROGRAMS_MAX)
        return error_set(
            e, STATUS_LIMIT, "the patterns of the schema take more than %zu MiB", REGEX_PROGRAMS_MAX >> 20);
    return STATUS_OK;
}

/* Nothing but the pattern itself. */
static enum status keep_pattern(struct regex *r, const char *pattern, size_t len)
{
    r->pattern = malloc(len + 1);
    if (r->pattern == NULL)
        return STATUS_NO_MEMORY;
    memcpy(r->pattern, pattern, len);
    r->pattern[len] = '\0';
    struct chain chain;
    if (!chain_read(pattern, len, &chain))
        return STATUS_OK;
    r->chain = malloc(sizeof chain);
    if (r->chain == NULL)
        return STATUS_NO_MEMORY;
    *r->chain = chain;
    return STATUS_OK;
}

static enum status fill_regex(
    struct regex *r, const char *pattern, size_t len, size_t *bytes, struct error *e)
{
    enum status kept = keep_pattern(r, pattern, len);
    if (kept != STATUS_OK || r->chain != NULL) {
        *bytes += sizeof *r->chain;
        return kept;
    }
    struct buf translated = BUF_INIT(REGEX_PATTERN_MAX);
    enum status s = pattern_translate(pattern, len, &translated);
    if (s == STATUS_LIMIT)
        error_set(e, s, "the pattern is longer than %zu bytes", REGEX_PATTERN_MAX);
    r->limits = pcre2_match_context_create(NULL);
    if (r->limits == NULL)
        s = STATUS_NO_MEMORY;
    if (s == STATUS_OK) {
        pcre2_set_match_limit(r->limits, QUICK_CALLS_MAX);
        pcre2_set_heap_limit(r->limits, HEAP_MAX_KIB);
        s = make_programs(r, &translated, bytes, e);
    }
    buf_fini(&translated);
    return s;
}

enum status regex_compile(
    const char *pattern, size_t len, size_t *bytes, struct regex **regex, struct error *e)
{
    struct regex *r = calloc(1, sizeof *r);
    enum status s = r != NULL ? fill_regex(r, pattern, len, bytes, e) : STATUS_NO_MEMORY;
    if (s == STATUS_NO_MEMORY)
        error_set(e, s, "out of memory");
    if (s != STATUS_OK) {
        regex_free(r);
        r = NULL;
    }
    *regex = r;
    return s;
}

struct regex *regex_link(struct regex *r, struct regex *others)
{
    r->next = others;
    return r;
}

struct regex *regex_free(struct regex *r)
{
    if (r == NULL)
        return NULL;
    struct regex *next = r->next;
    pcre2_code_free(r->quick);
    pcre2_code_free(r->counted);
    pcre2_match_context_free(r->limits);
    free(r->pattern);
    free(r->chain);
    free(r);
    return next;
}

const char *regex_pattern(const struct regex *r)
{
    return r->pattern;
}

/* ---- matching ---- */

static int count_work(pcre2_callout_block *block, void *arg)
{
    struct regex_run *run = arg;
    size_t at = block->current_position;
    run->work += 1 + (at > run->at ? at - run->at : run->at - at);
    run->at = at;
    return run->work > REGEX_WORK_MAX + run->allowed ? PCRE2_ERROR_CALLOUT : 0;
}

static bool prepare(struct regex_run *run)
{
    if (run->match_data == NULL)
        run->match_data = pcre2_match_data_create(1, NULL);
    return run->match_data != NULL;
}

static bool prepare_counted(struct regex_run *run)
{
    if (run->limits != NULL)
        return true;
    run->limits = pcre2_match_context_create(NULL);
    if (run->limits == NULL)
        return false;
    pcre2_set_callout(run->limits, count_work, run);
    pcre2_set_match_limit(run->limits, UINT32_MAX); /* what is counted comes first */
    pcre2_set_heap_limit(run->limits, HEAP_MAX_KIB);
    return true;
}

static int match_counted(const struct regex *r, struct regex_run *run, const char *text, size_t len)
{
    if (!prepare_counted(run))
        return PCRE2_ERROR_NOMEMORY;
    run->at = 0;
    run->allowed += REGEX_WORK_PER_BYTE * len;
    if (run->work > REGEX_WORK_MAX + run->allowed)
        return PCRE2_ERROR_MATCHLIMIT;
    return pcre2_match(r->counted, (PCRE2_SPTR)text, len, 0, 0, run->match_data, run->limits);
}

static bool is_limit(int found)
{
    return found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
           found == PCRE2_ERROR_HEAPLIMIT || found == PCRE2_ERROR_JIT_STACKLIMIT ||
           found == PCRE2_ERROR_CALLOUT;
}

/* What is ASCII is UTF-8. */
static bool is_ascii(const char *text, size_t len)
{
    uint64_t all = 0, word = 0;
    for (; len >= sizeof word; text += sizeof word, len -= sizeof word) {
        memcpy(&word, text, sizeof word);
        all |= word;
    }
    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)text[i];
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

enum status regex_match(
    const struct regex *r, struct regex_run *run, const char *text, size_t len, bool *matches)
{
    int found = PCRE2_ERROR_MATCHLIMIT;
    *matches = r->chain != NULL && chain_matches(r->chain, text, len);
    if (r->chain != NULL)
        return STATUS_OK;
    if (!prepare(run))
        return STATUS_NO_MEMORY;
    if (len <= QUICK_TEXT_MAX)
        found = r->jit && is_ascii(text, len)
                    ? pcre2_jit_match(r->quick, (PCRE2_SPTR)text, len, 0, 0, run->match_data, r->limits)
                    : pcre2_match(r->quick, (PCRE2_SPTR)text, len, 0, 0, run->match_data, r->limits);
    if (is_limit(found))
        found = match_counted(r, run, text, len);
    *matches = found >= 0;
    if (is_limit(found))
        return STATUS_LIMIT;
    return found == PCRE2_ERROR_NOMEMORY ? STATUS_NO_MEMORY : STATUS_OK;
}

void regex_run_fini(struct regex_run *run)
{
    pcre2_match_data_free(run->match_data);
    pcre2_match_context_free(run->limits);
    run->match_data = NULL;
    run->limits = NULL;
}
