"""inference-perf chats with prompts of a given length only where they may carry images: here none of them does."""
import json


def environment(job):
    return {"HF_HUB_OFFLINE": "1"}


def prepare(job):
    none = {"min": 0, "max": 0, "mean": 0, "std_dev": 0}
    prompts = {"num_groups": job.requests, "num_prompts_per_group": 1, "system_prompt_len": 1,
               "question_len": job.prompt_tokens - 1, "output_len": job.tokens,
               "multimodal": {"image": {"count": none}}}
    config = {  # JSON is YAML, too
        "api": {"type": "chat", "streaming": True},
        "data": {"type": "shared_prefix", "shared_prefix": prompts},
        "load": {"type": "concurrent", "stages": [{"concurrency_level": job.streams, "num_requests": job.requests}]},
        "server": {"type": "vllm", "model_name": job.model, "base_url": job.url, "ignore_eos": True},
        "tokenizer": {"pretrained_model_name_or_path": str(job.tokenizer)},
        "report": {"request_lifecycle": {"summary": True, "per_stage": True}},
        "storage": {"local_storage": {"path": str(job.folder / "report")}}}
    (job.folder / "config.yml").write_text(json.dumps(config))


def command(job):
    return [job.program, "-c", job.folder / "config.yml"]


def figures(job):
    said = json.loads((job.folder / "report/stage_0_lifecycle_metrics.json").read_text())
    good = said["successes"]

    def latency(metric, which):
        return ((good.get("latency") or {}).get(metric) or {}).get(which)

    return {"ttft_mean": latency("time_to_first_token", "mean"), "ttft_p99": latency("time_to_first_token", "p99"),
            "gap_mean": latency("inter_token_latency", "mean"), "gap_p99": latency("inter_token_latency", "p99"),
            "gap_max": latency("inter_token_latency", "max"), "tpot_mean": latency("time_per_output_token", "mean"),
            "tokens_per_s": (good.get("throughput") or {}).get("output_tokens_per_sec"),
            "tokens": (good.get("output_tokens") or {}).get("total"), "ok": good["count"],
            "failed": said["failures"]["count"]}
