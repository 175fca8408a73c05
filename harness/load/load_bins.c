#include "load_bins.h"

#include "clock.h"

/* The narrowest width of 1, 2 or 5 times a power of ten that makes few enough bins. */
static int64_t width_for(int64_t length_ns)
{
    static const int steps[] = {1, 2, 5};
    int64_t unit = NS_PER_S / 10;
    for (int i = 0;; i++) {
        int64_t width = unit * steps[i % 3];
        if (length_ns / width < LOAD_BINS_MAX)
            return width;
        if (i % 3 == 2)
            unit *= 10;
    }
}

void load_bins_init(struct load_bins *b, int64_t t_start_ns, int64_t t_end_ns)
{
    int64_t length_ns = t_end_ns > t_start_ns ? t_end_ns - t_start_ns : 0;
    *b = (struct load_bins){.t_start_ns = t_start_ns, .width_ns = width_for(length_ns)};
    b->count = (size_t)(length_ns / b->width_ns) + 1;
}

static struct load_bin *bin_at(struct load_bins *b, int64_t t_ns)
{
    if (t_ns < b->t_start_ns)
        return NULL;
    size_t i = (size_t)((t_ns - b->t_start_ns) / b->width_ns);
    return i < b->count ? &b->bins[i] : NULL;
}

void load_bins_add_sample(struct load_bins *b, const struct load_sample *s)
{
    int64_t ttft_ns;
    struct load_bin *began = bin_at(b, s->t_sent_ns > 0 ? s->t_sent_ns : s->t_dequeued_ns);
    struct load_bin *ended = bin_at(b, s->t_done_ns);
    if (began)
        began->started++;
    if (began && load_sample_ttft_ns(s, &ttft_ns)) {
        began->ttft_s += (double)ttft_ns / NS_PER_S;
        began->ttfts++;
    }
    if (ended && load_sample_ok(s))
        ended->ok++;
    else if (ended && !(s->flags & LOAD_CUT_OFF))
        ended->failed++;
}

void load_bins_add_tokens(struct load_bins *b, const struct token_parcel *parcel)
{
    struct load_bin *bin = bin_at(b, parcel->from_ns);
    for (; bin && bin < b->bins + b->count; bin++) {
        int64_t from_ns = b->t_start_ns + (bin - b->bins) * b->width_ns, to_ns = from_ns + b->width_ns;
        bin->tokens += parcel->tokens * token_parcel_share(parcel, from_ns, to_ns);
        if (parcel->to_ns < to_ns)
            break;
    }
}

void load_bins_set_in_flight(struct load_bins *b, const struct in_flight *f)
{
    for (size_t i = 0; i < b->count; i++) {
        int64_t from_ns = b->t_start_ns + (int64_t)i * b->width_ns;
        b->bins[i].in_flight = in_flight_mean(f, from_ns, from_ns + b->width_ns);
    }
}
