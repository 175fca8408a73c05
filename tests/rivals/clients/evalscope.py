"""evalscope perf: its ITL is the time between two events."""
import json


def command(job):
    return [job.program, "perf", "--url", f"{job.url}/v1/chat/completions", "--api", "openai", "--model", job.model,
            "--parallel", job.streams, "--number", job.requests, "--dataset", "random",
            "--tokenizer-path", job.tokenizer, "--min-prompt-length", job.prompt_tokens,
            "--max-prompt-length", job.prompt_tokens, "--prefix-length", 0, "--max-tokens", job.tokens,
            "--min-tokens", job.tokens, "--stream", "--outputs-dir", job.folder / "out", "--no-test-connection"]


def figures(job):
    folder = next((job.folder / "out").glob(f"*/*/parallel_{job.streams}_number_{job.requests}"))
    said = json.loads((folder / "benchmark_summary.json").read_text())
    rows = {row["Percentiles"]: row for row in json.loads((folder / "benchmark_percentile.json").read_text())}

    def ms(which, metric):
        value = rows.get(which, {}).get(metric)
        return None if value is None else value / 1e3

    ok = said["Success Requests"]
    return {"ttft_mean": said["Avg TTFT (ms)"] / 1e3 if ok else None, "ttft_p99": ms("99%", "TTFT (ms)"),
            "gap_mean": said["Avg ITL (ms)"] / 1e3 if ok else None, "gap_p99": ms("99%", "ITL (ms)"),
            "gap_max": ms("max", "ITL (ms)"), "tpot_mean": said["Avg TPOT (ms)"] / 1e3 if ok else None,
            "tokens_per_s": said["Output Throughput (tok/s)"], "tokens": said["Avg Output Tokens"] * ok,
            "ok": ok, "failed": said["Failed Requests"]}
