"""AIPerf: its "inter chunk latency" is the time between two events, its "inter token latency" what others call TPOT."""
import json


def environment(job):
    return {"HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": ""}


def command(job):
    return [job.program, "profile", "-m", job.model, "--url", job.url, "--endpoint-type", "chat", "--streaming",
            "--tokenizer", job.tokenizer, "--use-server-token-count", "--concurrency", job.streams,
            "--request-count", job.requests, "--synthetic-input-tokens-mean", job.prompt_tokens,
            "--synthetic-input-tokens-stddev", 0, "--output-tokens-mean", job.tokens, "--output-tokens-stddev", 0,
            "--artifact-dir", job.folder / "artifacts", "--ui", "none"]


def figures(job):
    said = json.loads((job.folder / "artifacts/profile_export_aiperf.json").read_text())

    def ms(metric, which):
        value = said.get(metric, {}).get(which)
        return None if value is None else value / 1e3

    return {"ttft_mean": ms("time_to_first_token", "avg"), "ttft_p99": ms("time_to_first_token", "p99"),
            "ttfa_mean": ms("time_to_first_output_token", "avg"),
            "gap_mean": ms("inter_chunk_latency", "avg"), "gap_p99": ms("inter_chunk_latency", "p99"),
            "gap_max": ms("inter_chunk_latency", "max"), "tpot_mean": ms("inter_token_latency", "avg"),
            "tokens_per_s": said.get("output_token_throughput", {}).get("avg"),
            "tokens": said.get("total_osl", {}).get("avg"),
            "ok": said.get("request_count", {}).get("avg", 0),
            "failed": said.get("error_request_count", {}).get("avg", 0)}
