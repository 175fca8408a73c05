"""The limit, and no rival: it only polls and reads, without HTTP, parsing or accounts (poll_and_read.c)."""
import json

loads_only = True


def find(options):
    return options.assay.resolve().parent / "tests/rivals/poll_and_read"


def command(job):
    return [job.program, job.url, job.model, job.streams, job.requests, job.tokens]


def figures(job):
    said = json.loads((job.folder / "stdout").read_text())
    return {"ok": said["ok"], "ttft_mean": said["ttft_mean_us"] / 1e6, "ttft_p99": said["ttft_p99_us"] / 1e6}
