/* answered.h - what the bodies of several suites ask of an exchange. */
#ifndef ASSAY_SUITE_ANSWERED_H
#define ASSAY_SUITE_ANSWERED_H

#include "assay.h"
#include "target.h"
#include "text.h"

/* A figure for a note or a message, in the same form everywhere. */
struct figure {
    char text[32];
};
static inline struct figure figure(double value)
{
    struct figure f;
    text_format_significant(f.text, sizeof f.text, value, 6);
    return f;
}

/* A failed exchange fails the case, in the words of the exchange. */
static inline void check_answered(const struct exchange *x)
{
    ck_assert_msg(x->error == EXCHANGE_OK, "%s: %s", exchange_error_name(x->error), x->error_text);
}

/* Its time to first token; a case that is about it fails where there is none. */
static inline double check_ttft_s(const struct exchange *x)
{
    double ttft_s = 0;
    check_answered(x);
    ck_assert_msg(exchange_ttft_s(x, &ttft_s), "the answer has no first token");
    return ttft_s;
}

#endif
