"""llama-benchy sends bursts: its figures are means of them. It says nothing of requests that failed."""
import hashlib, json, pathlib, statistics

from rival_tokenizer import words

book = "assay-words"  # a book that is in its cache is not downloaded


def prepare(job):
    cache = pathlib.Path.home() / ".cache/llama-benchy"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"{hashlib.md5(book.encode()).hexdigest()}.txt").write_text(" ".join(words * 4))


def command(job):
    return [job.program, "--base-url", f"{job.url}/v1", "--model", job.model, "--tokenizer", job.tokenizer,
            "--pp", job.prompt_tokens, "--tg", job.tokens, "--concurrency", job.streams,
            "--runs", job.requests // job.streams, "--no-warmup", "--skip-coherence", "--no-adapt-prompt",
            "--latency-mode", "none", "--book-url", book, "--format", "json", "--save-result", job.folder / "r.json"]


def figures(job):
    said = json.loads((job.folder / "r.json").read_text())["benchmarks"][0]
    times = [ms / 1e3 for ms in said["e2e_ttft"]["values"]]
    gaps = [1 / rate for rate in said["tg_req_throughput"]["values"] if rate]
    return {"ttft_mean": statistics.fmean(times) if times else None, "ok": len(times),
            "tpot_mean": statistics.fmean(gaps) if gaps else None, "tokens_per_s": said["tg_throughput"]["mean"]}
