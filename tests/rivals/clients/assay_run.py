"""assay run: a case asks one after the other and stops at what fails; in the table of traps only."""
import json

traps_only = True


def find(options):
    return options.assay


def command(job):
    return [job.program, "run", "--target", job.url, "--model", job.model, "--case", "chat.long_answer",
            "--repeats", job.requests // job.streams, "--warmup", 0, "--config", "none",
            "--wait", "5m", "--out", job.folder / "runs"]


def figures(job):
    record = json.loads((job.folder / "runs/latest/benchmark.jsonl").read_text())

    def of(metric, which):
        return record.get("performance", {}).get(metric, {}).get(which)

    errors = record.get("errors", {})
    return {"ttft_mean": of("ttft_s", "mean"), "ttfa_mean": of("ttfa_s", "mean"), "gap_mean": of("icl_s", "mean"),
            "gap_p99": of("icl_s", "p99"), "gap_max": of("icl_s", "max"), "tpot_mean": of("tpot_s", "mean"),
            "tokens": record.get("tokens", {}).get("completion", {}).get("n"), "ok": of("latency_s", "n") or 0,
            "failed": sum(errors.values()), "errors": errors}
