#!/usr/bin/env python3
"""Writes tests/golden/run-mixed: a run with all twelve outcomes, a simulated and a real target, and hostile text.

    python3 tests/golden/make_run_mixed.py        # then validate: assay validate tests/golden/run-mixed/*.json*

Everything is fixed: the same script gives the same bytes. The expected reports beside it are written by
    ASSAY_UPDATE_GOLDEN=1 ctest --preset dev -R test_golden
"""
import hashlib
import json
import os
import random
import re
import statistics
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run-mixed")
RUN_ID = "2026-11-20T234605Z-bench01-1f3a"
START_NS = 1795218365123000000  # 2026-11-20T23:46:05.123Z
HOSTILE_MODEL = "evil|`model`<script>alert(1)</script>"
HOSTILE_TEXT = (
    "expected 5 words, got: | a | b |\n# not a heading\n```\n</failure>]]><script>alert('x')</script>\n"
    "[click](http://evil.example) ![img](x) **bold** &amp; &#x1b; \u202e? \\x1b[31m "
    "[[ATTACHMENT|/etc/passwd]] \U0001f600 end"
).replace("\u202e", "\\u{202E}")  # records hold sanitised text

SIM = {"name": "sim", "protocol": "openai", "server": "assay-sim", "server_version": "0.1.0",
       "endpoint": "http://127.0.0.1:40001/v1", "managed": True, "simulated": True}
REAL = {"name": "llamacpp", "protocol": "openai", "server": "llama.cpp", "server_version": "b4321",
        "endpoint": "http://127.0.0.1:8080/v1", "managed": False, "simulated": False}
TINY = {"id": "tiny-chat", "family": "chain", "format": "gguf", "quantization": "F32", "parameters": 1200000,
        "size_gb": 0.005, "context_length": 2048, "modalities": ["text"]}
SIM_MODEL = {"id": "constant", "family": "simulated"}
EVIL = {"id": HOSTILE_MODEL}

METRICS = {"ttft_s": ("s", "lower"), "icl_s": ("s", "lower"), "tpot_s": ("s", "lower"), "latency_s": ("s", "lower"),
           "decode_tokens_per_s": ("tokens/s", "higher")}
random.seed(20261120)


def stamp(ns):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9))
    return "%s.%03dZ" % (whole, ns // 10**6 % 1000)


def quantile(ordered, p):
    at = p * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def summary(name, values, pooled=None):
    unit, better = METRICS[name]
    samples = sorted(pooled or values)
    median = quantile(samples, 0.5)
    out = {"unit": unit, "better": better, "n": len(samples), "median": round(median, 9),
           "mad": round(statistics.median(abs(x - median) for x in samples), 9),
           "mean": round(statistics.fmean(samples), 9),
           "stddev": round(statistics.stdev(samples), 9) if len(samples) > 1 else 0.0,
           "min": samples[0], "max": samples[-1]}
    for key, p, floor in (("p25", .25, 1), ("p50", .5, 1), ("p75", .75, 1), ("p90", .9, 29), ("p95", .95, 59),
                          ("p99", .99, 299), ("p999", .999, 2995)):
        if len(samples) >= floor:
            out[key] = round(quantile(samples, p), 9)
    if len(values) >= 6:
        ordered = sorted(values)
        out["ci95"] = [ordered[1], ordered[-2]] if len(values) > 8 else [ordered[0], ordered[-1]]
    out["values"] = values
    return out


def around(centre, spread, n):
    return [round(random.gauss(centre, centre * spread), 9) for _ in range(n)]


def performance(scale, repeats=10):
    gaps = around(0.004 * scale, 0.1, 31 * repeats)
    tpot = around(0.004 * scale, 0.02, repeats)
    out = {"ttft_s": summary("ttft_s", around(0.0123 * scale, 0.05, repeats)),
           "icl_s": summary("icl_s", around(0.004 * scale, 0.02, repeats), gaps),
           "tpot_s": summary("tpot_s", tpot),
           "latency_s": summary("latency_s", around(0.14 * scale, 0.03, repeats)),
           "decode_tokens_per_s": summary("decode_tokens_per_s", [round(1 / x, 9) for x in tpot])}
    out["tpot_s"].update({"k1": "assumed", "bounds": [round(0.0037 * scale, 9), round(0.0041 * scale, 9)]})
    return out


def sensor(value, delta, unit, source, scope="host", **more):
    return {"status": "ok", "scope": scope, "unit": unit, "source": source, "value": value, "delta": delta, **more}


def health(kind="clean"):
    sensors = {
        "swap_in": sensor(0.0, 0.0, "bytes", "/proc/vmstat pswpin", threshold=0.0),
        "swap_out": sensor(0.0, 0.0, "bytes", "/proc/vmstat pswpout", threshold=0.0),
        "memory_pressure_some": sensor(1.25, 0.0, "s", "/proc/pressure/memory", threshold=0.01),
        "memory_available_group": {"status": "unavailable", "scope": "client", "unit": "bytes",
                                   "source": "memory.max", "reason": "the control group has no memory limit"},
        "oom_kills": sensor(3.0, 0.0, "count", "/proc/vmstat oom_kill", threshold=0.0),
        "zombies_ours": sensor(0.0, 0.0, "count", "/proc/*/stat", scope="client", threshold=0.0),
        "cpu_steal": sensor(0.0, 0.0, "s", "/proc/stat cpu steal", threshold=0.005),
        "clock_step": sensor(0.0, 0.0, "s", "CLOCK_REALTIME - CLOCK_MONOTONIC", threshold=0.01),
    }
    out = {"verdict": "clean", "quality_flags": ["clean"], "sensors": sensors}
    if kind == "swap":
        sensors["swap_in"] = sensor(15728640.0, 3145728.0, "bytes", "/proc/vmstat pswpin", threshold=0.0,
                                    flag="degraded_swap",
                                    reason="memory was read back from swap: somebody waited for the disk: 3.0 MiB, allowed none")
        sensors["memory_pressure_some"] = sensor(3.5, 0.25, "s", "/proc/pressure/memory", threshold=0.01,
                                                 flag="degraded_memory", reason="tasks waited for memory: 19 % of the time, allowed 1 %")
        out.update(verdict="invalid", quality_flags=["degraded_swap", "degraded_memory"])
    elif kind == "foreign":
        sensors["cpu_foreign"] = sensor(812.5, 0.91, "s", "/proc/stat, /proc/*/stat", threshold=0.05,
                                        flag="degraded_cpu_foreign",
                                        reason="programs that do not belong to the measurement used the CPU: 0.62 cores, allowed 0.05")
        out.update(verdict="degraded", quality_flags=["degraded_cpu_foreign"])
    elif kind == "unknown":
        for name in ("swap_in", "swap_out"):
            sensors[name] = {"status": "error", "scope": "host", "unit": "bytes", "source": "/proc/vmstat",
                             "reason": "Permission denied"}
        out.update(verdict="unknown", quality_flags=[])
    return out


clock_ns = START_NS + 2 * 10**9
plan, records, exchanges, answers = [], [], [], []


def name_of(case, target, model):
    if not target:
        return case
    return "%s[%s%s]" % (case, target["name"], "/" + model["id"] if model else "")


def record(case, outcome, target=None, model=None, attempt=1, duration=1.5, planned=True, quality="clean", **more):
    global clock_ns
    test = name_of(case, target, model)
    if planned and attempt == 1:
        plan.append({"test": test, "case": case, **({"target": target["name"]} if target else {}),
                     **({"model": model["id"]} if model else {})})
    ran = outcome not in ("not_run", "lost")
    start, end = clock_ns, clock_ns + int(duration * 10**9)
    clock_ns = end + 20 * 10**6
    out = {"schema_version": "1.0.0", "run_id": RUN_ID, "attempt": attempt, "test": test, "suite": case.split(".")[0],
           "case": case, "timestamp": stamp(end)}
    if ran:
        out.update({"test_start_ts": start / 1e9, "test_end_ts": end / 1e9, "start_unix_ns": start, "end_unix_ns": end,
                    "duration": duration, "phases": {"setup_s": 0.01, "warmup_s": 0.1, "body_s": round(max(0, duration - 0.12), 6),
                                                     "teardown_s": 0.01}})
    out["outcome"] = outcome
    for key in ("message", "location", "skip_reason"):
        if key in more:
            out[key] = more.pop(key)
    if ran:
        process = {"phase_reached": "done", "strays_killed": 0, "user_s": 0.05, "sys_s": 0.01, "max_rss_bytes": 9437184}
        process.update(more.pop("process", {"exit_code": 0}))
        out["process"] = process
        out["system_health"] = health(quality)
    if model:
        out["model"] = model
    if target:
        out["target"] = target
    out.update(more)
    out["identity"] = {"workload": hashlib.sha256(case.encode()).hexdigest(), "subject": {"assay_version": "0.1.0"}}
    records.append(out)
    return out


CHAT = {"max_tokens": 64, "temperature": 0, "seed": 42, "repeats": 10, "warmup": 1, "prompt_set": "builtin-1",
        "streamed": True, "salted": True}


def tokens(n, agrees=True):
    return {"prompt": {"n": 120, "source": "server_usage", "agrees": None},
            "completion": {"n": n, "source": "server_usage", "agrees": agrees}}


def chat(case, target, model, scale, repeats=10, **more):
    return record(case, "passed", target, model, duration=2.25, parameters=CHAT, performance=performance(scale, repeats),
                  tokens=tokens(32 * repeats), finish_reasons={"stop": repeats, "length": 1}, **more)


record("infrastructure.answers", "passed", SIM, duration=0.031)
record("infrastructure.lists_models", "passed", REAL, duration=0.052)
record("infrastructure.refuses_unknown_model", "failed", REAL, duration=0.2, message=HOSTILE_TEXT,
       location={"file": "suite/infrastructure.c", "line": 64}, process={"exit_code": 1, "phase_reached": "body"})
record("infrastructure.refuses_malformed_json", "not_run", REAL,
       message="the run was interrupted before this test could start")
chat("chat.short", SIM, SIM_MODEL, 1.0)
chat("chat.short", REAL, TINY, 1.7, quality="foreign",
     model_load={"load_s": 2.5, "server_s": 2.25},
     timeline=[{"event": "model_load_start", "t_s": -2.6}, {"event": "model_load_end", "t_s": -0.1}],
     server_process={"pid": 4242, "restarted": False, "rss_peak_bytes": 5368709120, "cpu_s": 6.5},
     cross_check=[{"metric": "decode_tokens_per_s", "client": 147.2, "server": 149.0, "source": "llamacpp_timings",
                   "relative_difference": -0.0121}])
record("chat.short", "failed", REAL, EVIL, message=HOSTILE_TEXT, location={"file": "suite/chat.c", "line": 31},
       process={"exit_code": 1, "phase_reached": "body"}, errors={"http_5xx": 2, "timeout_idle": 1},
       retries={"allowed": 2, "used": 3})
record("chat.short", "failed", REAL, EVIL, attempt=2, message=HOSTILE_TEXT, quality="unknown",
       location={"file": "suite/chat.c", "line": 31}, process={"exit_code": 1, "phase_reached": "body"})
chat("chat.long_prompt", SIM, SIM_MODEL, 9.0, quality="swap")
record("chat.long_prompt", "crashed", REAL, TINY, message="SIGSEGV in repeat 3, exchange 4",
       process={"signal": "SIGSEGV", "phase_reached": "body"})
record("chat.long_prompt", "oom", REAL, EVIL, message="killed for want of memory while the answer was read",
       process={"signal": "SIGKILL", "phase_reached": "body"})
record("chat.long_answer", "timeout", REAL, TINY, duration=30.0, message="stopped after 30 s, in repeat 1",
       process={"signal": "SIGTERM", "phase_reached": "body", "strays_killed": 1})
record("chat.long_answer", "killed", REAL, EVIL, message="SIGKILL from outside", process={"signal": "SIGKILL",
                                                                                      "phase_reached": "body"})
record("chat.turns", "error", REAL, TINY, message="the process ended with exit code 0 in the middle of the case",
       process={"exit_code": 0, "phase_reached": "body"})
record("chat.turns", "skipped", REAL, EVIL, duration=0.02, skip_reason="the context of 128 tokens is too short: | needs 512",
       process={"exit_code": 0, "phase_reached": "skip"})
record("chat.stop_tokens", "passed", REAL, TINY, duration=0.6,
       server_process={"pid": 4711, "restarted": True, "rss_peak_bytes": 5905580032, "cpu_s": 1.25},
       stop_tokens={"configured": ["five", "\n|"], "detected": ["five"], "leaked": False},
       parameters={**CHAT, "stop": ["five", "\n|"]})
record("chat.stop_tokens", "lost", REAL, EVIL, message="the supervisor (pid 4711) died without a result")
record("chat.streamed_equals_unstreamed", "interrupted", REAL, TINY, message="SIGINT",
       process={"signal": "SIGTERM", "phase_reached": "warmup"})
record("chat.streamed_equals_unstreamed", "harness_error", REAL, EVIL,
       message="the record was not valid: /performance/ttft_s/median: expected a number", process={"phase_reached": "done"})
record("chat.streamed_equals_unstreamed", "error", SIM, SIM_MODEL, message="the server closed the connection",
       process={"exit_code": 3, "phase_reached": "setup"})
record("chat.streamed_equals_unstreamed", "passed", SIM, SIM_MODEL, attempt=2)

run = {
    "schema_version": "1.0.0", "run_id": RUN_ID, "started": stamp(START_NS), "start_unix_ns": START_NS,
    "ended": stamp(clock_ns), "seed": 20261120, "command": ["assay", "run", "--target", "sim:", "--max-retries", "2"],
    "driver": "assay", "assay": {"version": "0.1.0", "commit": "0123456789abcdef", "compiler": "gcc 12.2.0"},
    "machine": {"host": "bench01", "os": "Debian GNU/Linux 12", "kernel": "6.1.0-18-amd64", "architecture": "x86_64",
                "virtualisation": "kvm", "cpu": {"model": "AMD EPYC 7B13", "vendor": "AuthenticAMD", "logical": 16,
                                                 "physical": 8, "allowed": 4, "quota": 3.5},
                "memory": {"total_bytes": 34359738368, "swap_bytes": 2147483648, "limit_bytes": 8589934592},
                "gpus": [{"name": "NVIDIA L4", "vendor": "NVIDIA", "memory_bytes": 24146608128}]},
    "parameters": {**CHAT, "max_retries": 2},
    "targets": [SIM, REAL],
    "models": [{"target": "sim", "model": SIM_MODEL}, {"target": "llamacpp", "model": TINY},
               {"target": "llamacpp", "model": EVIL}],
    "plan": plan,
    "unload": "ours",
    "model_events": [
        {"target": "llamacpp", "model": TINY["id"], "event": "load", "unix_ns": START_NS, "seconds": 2.5, "server_s": 2.25},
        {"target": "llamacpp", "model": TINY["id"], "event": "unload", "unix_ns": START_NS, "seconds": 0.0125},
        {"target": "llamacpp", "model": EVIL["id"], "event": "found", "unix_ns": START_NS, "seconds": 0.001},
        {"target": "llamacpp", "model": EVIL["id"], "event": "unload", "unix_ns": START_NS, "error": HOSTILE_TEXT[:200]}],
    "notes": ["The target http://127.0.0.1:11434 did not answer: connection refused.",
              "A hostile note: | cells | `code` <b>bold</b> [link](http://evil.example)"],
}


def exchange(test, attempt, index, repeat, role, **more):
    out = {"schema_version": "1.0.0", "run_id": RUN_ID, "test": test, "attempt": attempt, "index": index,
           "repeat": repeat, "role": role, "kind": "chat", "method": "POST", "path": "/chat/completions",
           "salt": "a1b2c3d4", "streamed": True, "error": "ok", "http_status": 200, "finish_reason": "stop", "attempts": 1,
           "start_unix_ns": START_NS + 10**10 + index * 10**9,
           "t": {"intended_ns": 0, "dequeued_ns": 1200, "sent_ns": 150000, "headers_ns": 9000000,
                 "event1_ns": 9100000, "first_token_ns": 12500000, "first_answer_ns": 16500000,
                 "last_token_ns": 24600000, "done_ns": 25000000},
           "connection": {"reused": index > 0, "connect_ns": 90000},
           "events": {"t_ns": [9100000, 3400000, 4000000, 4100000, 4000000, 300000, 50000],
                      "kinds": [1, 2, 4, 4, 20, 32, 128], "bytes": [0, 6, 4, 5, 6, 0, 0]},
           "tokens": {"prompt": 12, "completion": 4, "reasoning": 1, "source": "server_usage", "agrees": True},
           "native": {"source": "llamacpp_timings", "prompt_s": 0.011, "decode_s": 0.0121, "decode_per_s": 330.5,
                      "prompt_n": 12, "decode_n": 4},
           "bytes_received": 1834, "server_header": "llama.cpp", "simulated": False}
    out.update(more)
    exchanges.append(out)


def answer(test, attempt, index, repeat, role, text, **more):
    answers.append({"schema_version": "1.0.0", "run_id": RUN_ID, "test": test, "attempt": attempt, "index": index,
                    "repeat": repeat, "role": role,
                    "prompt": [{"role": "system", "content": "Be brief."},
                               {"role": "user", "content": "[a1b2c3d4] Count to five."}], "answer": text, **more})


good, bad = name_of("chat.short", REAL, TINY), name_of("chat.short", REAL, EVIL)
exchange(good, 1, 0, -1, "warmup")
exchange(good, 1, 1, 0, "measured")
answer(good, 1, 0, -1, "warmup", "one two three four five", finish_reason="stop")
answer(good, 1, 1, 0, "measured", "one two three four five", reasoning="count", finish_reason="stop")
exchange(bad, 2, 0, 0, "measured", error="stream_error", error_text="out of memory | \\x1b[31mred", finish_reason="",
         events={"t_ns": [9100000, 3400000, 1000000], "kinds": [1, 4, 64], "bytes": [0, 12, 0]})
answer(bad, 2, 0, 0, "measured",
       "| broken | table |\n```\n# heading\n\u001b[31mred\u001b]0;title\u0007 \u0000 \u202e </pre><script>alert(1)</script>\r\nend")


def write_lines(name, lines):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="\n") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def slug(name):
    """As text_slug() does: what is not plain becomes _, and 4 digits of FNV-1a tell the originals apart."""
    digest = 0xcbf29ce484222325
    for byte in name.encode():
        digest = ((digest ^ byte) * 0x100000001b3) % 2**64
    digest ^= digest >> 32
    digest ^= digest >> 16
    return "%s-%04x" % (re.sub(r"[^A-Za-z0-9_.-]", "_", name), digest % 65536)


os.makedirs(os.path.join(HERE, "logs"), exist_ok=True)
with open(os.path.join(HERE, "run.json"), "w", encoding="utf-8", newline="\n") as out:
    json.dump(run, out, indent=2, ensure_ascii=False)
    out.write("\n")
write_lines("benchmark.jsonl", records)
write_lines("exchanges.jsonl", exchanges)
write_lines("answers.jsonl", answers)
with open(os.path.join(HERE, "logs", slug(good) + ".1.log"), "w", encoding="utf-8", newline="\n") as out:
    out.write("a line of the log\n\x1b[31mred\x1b[0m\n")
