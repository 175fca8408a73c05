"""assay load: of two programs of one name the one that is measured is the one that --assay names."""
import json


def find(options):
    return options.assay


def command(job):
    return [job.program, "load", "--target", job.url, "--model", job.model, "--streams", job.streams,
            "--count", job.requests, "--output-tokens", job.tokens, "--json"]


def figures(job):
    said = json.loads((job.folder / "stdout").read_text())

    def of(metric, which):
        return (said.get(metric) or {}).get(which)

    errors = said.get("errors") or {}
    return {"ttft_mean": of("ttft_s", "mean"), "ttft_p99": of("ttft_s", "p99"), "gap_mean": of("itl_s", "mean"),
            "gap_p99": of("itl_s", "p99"), "gap_max": of("itl_s", "max"), "tokens_per_s": said["output_tokens_per_s"],
            "ok": said["requests"] - sum(errors.values()), "failed": sum(errors.values()), "errors": errors}
