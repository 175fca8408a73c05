"""vllm-bench, vLLM's client in Rust, is in no registry: the variable VLLM_BENCH names the program."""
import json, os


def find(options):
    path = os.environ.get("VLLM_BENCH")
    if not path:
        raise LookupError("set VLLM_BENCH to the program: it is in no package registry")
    return path


def command(job):
    return [job.program, "--backend", "openai-chat", "--base-url", job.url, "--model", job.model,
            "--tokenizer", job.tokenizer, "--dataset-name", "random", "--random-input-len", job.prompt_tokens,
            "--random-output-len", job.tokens, "--num-prompts", job.requests, "--max-concurrency", job.streams,
            "--percentile-metrics", "ttft,tpot,itl,e2el", "--metric-percentiles", "50,99", "--save-result",
            "--result-dir", job.folder, "--result-filename", "r.json", "--no-steady-state", "--disable-tqdm"]


def figures(job):
    said = json.loads((job.folder / "r.json").read_text())

    def ms(name):
        return said[name] / 1e3 if said.get(name) is not None else None

    return {"ttft_mean": ms("mean_ttft_ms"), "ttft_p99": ms("p99_ttft_ms"), "gap_mean": ms("mean_itl_ms"),
            "gap_p99": ms("p99_itl_ms"), "tpot_mean": ms("mean_tpot_ms"), "tokens_per_s": said.get("output_throughput"),
            "tokens": said.get("total_output_tokens"), "ok": said.get("completed"), "failed": said.get("failed")}
