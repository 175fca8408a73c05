"""assay load as a user calls it: figures of the steady part of the test. Where there are too few requests for a 99th
percentile it states none: the greatest value stands for it, which is never less."""
import json

loads_only = True


def find(options):
    return options.assay


def command(job):
    return [job.program, "load", "--target", job.url, "--model", job.model, "--streams", job.streams,
            "--count", job.requests, "--prompt", job.prompt_tokens, "--output", job.tokens, "--warmup", "0",
            "--config", "none", "--wait", "5m", "--json"]


def figures(job):
    said = json.loads((job.folder / "stdout").read_text())
    ttft, gap = said["values"].get("ttft_s", {}), said["values"].get("itl_s", {})
    done = said["whole_test"]["requests_per_s"] * said["whole_test"]["window_s"]
    return {"ttft_mean": ttft.get("mean"), "ttft_p99": ttft.get("p99", ttft.get("max")), "gap_mean": gap.get("mean"),
            "gap_p99": gap.get("p99", gap.get("max")), "gap_max": gap.get("max"),
            "tokens_per_s": said["whole_test"]["output_tokens_per_s"], "ok": round(done),
            "failed": round(said["whole_test"]["failures_per_s"] * said["whole_test"]["window_s"])}
