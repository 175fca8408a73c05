"""GuideLLM: its inter-token latency is a mean per request. It needs 6 GB of disk, so it runs only where it is named."""
import json

only_when_named = True


def command(job):
    return [job.program, "run", "--backend",
            f"kind=openai_http,target={job.url},model={job.model},request_format=/v1/chat/completions",
            "--profile", f"kind=concurrent,streams={job.streams}",
            "--constraint", f"kind=max_requests,count={job.requests}",
            "--tokenizer", f"kind=huggingface_auto,model={job.tokenizer}",
            "--data", f"kind=synthetic_text,prompt_tokens={job.prompt_tokens},output_tokens={job.tokens}",
            "--output", f"kind=json,path={job.folder / 'r.json'}", "--disable-console"]


def figures(job):
    said = json.loads((job.folder / "r.json").read_text())["benchmarks"][0]["metrics"]

    def of(metric, *path):
        value = said.get(metric, {}).get("successful", {})
        for name in path:
            value = (value or {}).get(name)
        return value

    ttft, gap = "time_to_first_token_ms", "inter_token_latency_ms"
    seconds = {"ttft_mean": (ttft, "mean"), "ttft_p99": (ttft, "percentiles", "p99"), "gap_mean": (gap, "mean"),
               "gap_p99": (gap, "percentiles", "p99"), "gap_max": (gap, "max")}
    found = {name: None if of(*path) is None else of(*path) / 1e3 for name, path in seconds.items()}
    totals = said.get("request_totals", {})
    return {**found, "tokens_per_s": of("output_tokens_per_second", "mean"),
            "tokens": of("output_token_count", "total_sum"), "ok": totals.get("successful"),
            "failed": totals.get("errored")}
