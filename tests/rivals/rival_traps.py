"""The table of traps: streams that mislead, each a scenario of the simulator, what each client says of them, and
whether that is so. The truth is the simulator's of that very run; bold is what is wrong or kept silent."""
steady = {"answer": {"tokens": 100}}
half_and_half = {"tokens": 50}


def trap(name, words, **members):
    return {"name": f"trap-{name}", "summary": words, **steady, **members}


def fault(kind, every=2, **members):
    return [{"kind": kind, "every": every, **members}]


traps = [
    trap("none", "no trap"),
    trap("role-early", "the role at once, long before the first token", role="early"),
    trap("reasoning", "50 tokens in reasoning_content, then 50 of the answer", answer=half_and_half,
         reasoning={"tokens": 50, "field": "reasoning_content"}),
    trap("reasoning-plain", "50 tokens in reasoning, then 50 of the answer", answer=half_and_half,
         reasoning={"tokens": 50, "field": "reasoning"}),
    trap("burst4", "4 tokens in an event, an event each 10 ms", tokens_per_event=4),
    trap("crlf", "lines end with CR LF", wire={"line_end": "crlf"}),
    trap("no-space", "no space behind data:", wire={"space": False}),
    trap("crlf-no-space", "CR LF, and no space behind data:", wire={"line_end": "crlf", "space": False}),
    trap("comments", "a comment as a chunk of its own before each event", wire={"comments": True}),
    trap("split-utf8", "each event in two chunks, cut inside a character",
         answer={"kind": "multibyte", "tokens": 100}, wire={"split": "utf8"}),
    trap("no-done", "no [DONE]", wire={"done": False}),
    trap("long-line", "a line of a megabyte at token 10", faults=fault("long_line", 1, after_tokens=10, bytes=1 << 20)),
    trap("no-usage", "never says how many tokens there were", usage="never"),
    trap("usage-each", "cumulative usage on each event", usage="each"),
    trap("error", "an error object after 10 tokens of a 200 stream, every second",
         faults=fault("stream_error", after_tokens=10)),
    trap("empty", "a 200 stream without a token, every second", faults=fault("empty")),
    trap("close", "the connection is closed after 50 tokens, every second", faults=fault("close", after_tokens=50)),
    trap("stall", "a pause of 2 s after 50 tokens", faults=fault("stall", 1, after_tokens=50, stall_s=2)),
    trap("429", "429 with Retry-After: 1, every second", faults=fault("status", status=429, retry_after_s=1)),
    trap("503", "503 with Retry-After: 1, every second", faults=fault("status", status=503, retry_after_s=1)),
]


def close(said, true, share, slack_s):
    return abs(said - true) <= share * true + slack_s


def milliseconds(value):
    return f"{1e3 * value:.1f}" if value < 0.1 else f"{1e3 * value:.0f}"


def said_counts(said, truth):
    """Who says nothing of failures where there are some keeps silent."""
    ok, failed = len(truth.whole), len(truth.requests) - len(truth.whole)
    if said.get("failed") is None:
        yield f'{said.get("ok", 0):.0f} ok' + (", failures are not told" if failed else ""), not failed
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in (said.get("errors") or {}).items())
    yield (f'{said["ok"]:.0f} ok, ' + (kinds or f'{said["failed"]:.0f} failed'),
           said["ok"] == ok and said["failed"] == failed)


def said_times(said, truth, trap):
    """A busy machine makes a client late, never early."""
    if not truth.whole:
        return
    ttft, gap = said.get("ttft_mean"), said.get("gap_mean")
    yield ("no TTFT", False) if ttft is None else (
        f"TTFT {milliseconds(ttft)}", truth.ttft_mean() - 0.003 < ttft < 1.5 * truth.ttft_mean() + 0.05)
    if "reasoning" in trap and said.get("ttfa_mean") is not None:
        yield f'answer {milliseconds(said["ttfa_mean"])}', close(said["ttfa_mean"], 0.55, 0.1, 0.03)
    if gap is not None:
        yield f"gap {milliseconds(gap)}", close(gap, truth.gap_mean(), 0.1, 0)
    if "tokens_per_event" in trap and said.get("tpot_mean") is not None:
        yield f'TPOT {milliseconds(said["tpot_mean"])}', close(said["tpot_mean"], 0.0025, 0.1, 0)


def said_stall(said, truth):
    if truth.whole and truth.gap_max() > 1:
        longest = said.get("gap_max") or said.get("gap_p99") or 0
        word = f"longest gap {milliseconds(longest)}" if longest else "no longest gap"
        yield word, longest > 0.9 * truth.gap_max()


def said_tokens(said, truth):
    tokens = said.get("tokens")
    if tokens is not None:
        right = (truth.tokens(truth.whole), truth.tokens(truth.requests))
        yield f"{tokens:.0f} tokens", tokens in right


def judged(said, truth, trap):
    """(what it says, is it so), ..."""
    yield from said_counts(said, truth)
    yield from said_times(said, truth, trap)
    yield from said_stall(said, truth)
    yield from said_tokens(said, truth)


def true_words(truth):
    failed = len(truth.requests) - len(truth.whole)
    words = f"{len(truth.whole)} ok, {failed} failed"
    if truth.whole:
        words += (f", TTFT {milliseconds(truth.ttft_mean())}, gap {milliseconds(truth.gap_mean())}, "
                  f"{truth.tokens(truth.whole)} tokens")
    return words
