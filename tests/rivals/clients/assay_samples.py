"""assay load --samples: the same with each request and event written down; the figures here are of all of them, from
the first request on, as other clients count. Writing them costs CPU time and memory."""
import collections, json, statistics


def find(options):
    return options.assay


def command(job):
    return [job.program, "load", "--target", job.url, "--model", job.model, "--streams", job.streams,
            "--count", job.requests, "--prompt", job.prompt_tokens, "--output", job.tokens, "--warmup", "0",
            "--config", "none", "--wait", "5m", "--samples", job.folder / "samples.jsonl"]


def p99(values):
    return statistics.quantiles(values, n=100, method="inclusive")[98] if len(values) > 1 else None


def figures(job):
    samples = [json.loads(line) for line in (job.folder / "samples.jsonl").open()]
    good = [s for s in samples if s["error"] == "ok" and not s["cut_off"]]
    ttfts = [s["first_token_s"] - s["sent_s"] for s in good if "first_token_s" in s]
    gaps = [gap / 1e6 for s in good for gap in s.get("gaps_us", [])[1:]]  # the first is since it was sent
    counts = [s["completion_tokens"] for s in good if "completion_tokens" in s]
    seconds = max(s["done_s"] for s in samples) - min(s["sent_s"] for s in samples if "sent_s" in s)
    errors = dict(collections.Counter(s["error"] for s in samples if s["error"] != "ok" and not s["cut_off"]))
    return {"ttft_mean": statistics.fmean(ttfts) if ttfts else None, "ttft_p99": p99(ttfts),
            "gap_mean": statistics.fmean(gaps) if gaps else None, "gap_p99": p99(gaps),
            "gap_max": max(gaps, default=None), "tokens": sum(counts) if counts else None,
            "tokens_per_s": sum(counts) / seconds if counts else None, "ok": len(good), "failed": sum(errors.values()),
            "errors": errors}
