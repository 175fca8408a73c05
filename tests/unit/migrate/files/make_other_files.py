#!/usr/bin/env python3
"""Writes the hand-made result files of NOBS (La Perf), SLM-Bench and the Ollama sweep below this folder.

Names of members are those that the versions of these programs write; every number and text is made up.
usage: make_other_files.py            (from any folder; the files are kept in the repository)
"""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
TOKENS = [[41, 310], [66, 512], [103, 97]]


def percentile(values, q):
    values = sorted(values)
    at = (len(values) - 1) * q / 100
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return round(values[low] + (values[high] - values[low]) * (at - low), 4)


def prompts(run, whole):
    details = []
    for index, (read, written) in enumerate(TOKENS):
        ttft = round(0.4 + 0.1 * index + 0.013 * run, 4)
        after = round(written / (60 - run), 4)
        latency = round(ttft + after, 4)
        details.append({"ttft_s": ttft, "tg_s": after, "input_tokens": read, "output_tokens": written,
                        "tokens_per_sec": round(written / (latency if whole else after), 4),
                        "total_latency_s": latency})
    return details


def run_of_percentiles(run):
    details = prompts(run, True)
    made = {"run": run}
    for name, member in (("latency_s", "total_latency_s"), ("ttft_s", "ttft_s"), ("tg_s", "tg_s"),
                         ("tps", "tokens_per_sec")):
        for q in (25, 50, 75, 95):
            made[f"p{q}_{name}"] = percentile([d[member] for d in details], q)
    made["total_input_tokens"] = sum(d["input_tokens"] for d in details)
    made["total_output_tokens"] = sum(d["output_tokens"] for d in details)
    made["per_prompt_details"] = details
    return made


def model_of_percentiles(name):
    runs = [run_of_percentiles(run) for run in (1, 2, 3)]
    model = {"model_name": name, "num_prompts": len(TOKENS), "num_runs": 3, "runs": runs,
             "all_prompt_details": [d for run in runs for d in run["per_prompt_details"]]}
    for final, member in (("e2e_latency", "latency_s"), ("ttft", "ttft_s"), ("tg", "tg_s"), ("tps", "tps")):
        unit = "" if final == "tps" else "_s"
        for q in (25, 50, 75, 95):
            values = [run[f"p{q}_{member}"] for run in runs]
            model[f"final_p{q}_{final}{unit}"] = round(sum(values) / 3, 4)
            model[f"final_p{q}_{final}_std{unit}"] = 0.0123
    return model


def asking(task, backend, name):
    size = {"llms": ("awesome-chatgpt-prompts", "num_prompts"), "vlms": ("Hallucination_COCO", "num_questions")}[task]
    model = model_of_percentiles(name)
    return {"task": task, "dataset": size[0], size[1]: len(TOKENS), "model": model,
            "total_time_seconds": round(model["final_p50_e2e_latency_s"], 2), "backend": backend, "backend_model": name}


def percentiles():
    unanswered = asking("vlms", "OLLAMA", "made-up-vl:8b")
    for run in unanswered["model"]["runs"]:
        run["per_prompt_details"][2].update(ttft_s=None, tg_s=None, output_tokens=None, tokens_per_sec=None)
        run["total_output_tokens"] -= TOKENS[2][1]
    embedding = {"model_name": "made-up/embed-base", "batch_size": 32, "max_seq_length": 8192,
                 "embedding_dimension": 768, "device": "cuda:0", "dtype": "torch.float16", "actual_dataset_size": 3000,
                 "num_runs": 3, "runs": [{"run": i + 1, "e2e_latency_s": s, "rps": round(3000 / s, 4)}
                                         for i, s in enumerate((21.5, 21.25, 22.0))],
                 "final_mean_e2e_latency_s": 21.5833, "final_std_e2e_latency_s": 0.3819,
                 "final_mean_rps": 139.0254, "final_std_rps": 2.4387}
    return {"timestamp": "2025-11-12T21:07:33.250125",
            "device_info": {"platform": "Linux", "device": "cuda", "ram_gb": 31.25, "processor": "Made-up CPU 9 (16)",
                            "gpu_name": "Made-up GPU 4060", "gpu_memory_gb": 7.62, "host": "Desk One",
                            "cuda_version": "12.8"},
            "tasks": [{"task": "embeddings", "dataset_size": 3000, "models": {"made-up/embed-base": embedding},
                       "total_time_seconds": 21.5833},
                      asking("llms", "LM_STUDIO", "made-up/gpt-20b"), asking("llms", "OLLAMA", "made-up-gpt:20b"),
                      unanswered],
            "power_metrics": {"gpu_watts_p50": 18.3, "gpu_watts_p95": 60.5, "cpu_util_percent_p50": 6.0,
                              "cpu_util_percent_p95": 20.4, "battery_start_percent": 85, "battery_end_percent": 61,
                              "battery_drain_percent": 24, "samples_collected": 900,
                              "monitoring_duration_seconds": 905.2}}


def median_run(run, details):
    made = {"run": run, "median_latency_s": 9.25 + run / 8, "median_ttft_s": 0.5 + run / 100,
            "median_tokens_per_sec": 58.5 - run, "total_input_tokens": 210, "total_output_tokens": 919}
    if details is not None:
        made["per_prompt_details"] = details
    return made


def medians():
    runs = [{"run": i + 1, "encoding_time_seconds": s, "rows_per_second": round(100 / s, 2)}
            for i, s in enumerate((2.81, 2.75, 2.76))]
    embedding = {"model_name": "made-up/embed-large", "batch_size": 16, "max_seq_length": 512,
                 "embedding_dimension": 1024, "device": "mps:0", "dtype": "torch.float32", "actual_dataset_size": 100,
                 "num_runs": 3, "runs": runs, "median_encoding_time_seconds": 2.76, "median_rows_per_second": 36.23}
    asked = {"model_name": "made-up-20b", "num_prompts": 3, "num_runs": 3,
             "runs": [median_run(i, None) for i in (1, 2, 3)], "final_median_latency_s": 9.5,
             "final_median_ttft_s": 0.52, "final_median_tokens_per_sec": 56.5}
    return {"timestamp": "2025-10-20T09:15:00",
            "device_info": {"platform": "Darwin", "device": "mps", "ram_gb": 36.0, "processor": "Made-up M9 (14)",
                            "gpu_name": "Made-up M9 (32 cores)", "gpu_memory_gb": "shared with system RAM",
                            "host": "Mac99,1"},
            "tasks": [{"task": "embeddings", "dataset_size": 100, "models": {"made-up/embed-large": embedding},
                       "task_score": 130.4348},
                      {"task": "llms", "dataset": "awesome-chatgpt-prompts", "num_prompts": 3, "model": asked,
                       "task_score": 157.84}],
            "total_score": 288.2748}


def medians_std():
    runs = [median_run(i, prompts(i, i > 0)) for i in (1, 2, 3)]
    for run in runs:
        run["median_tokens_per_sec"] = percentile([d["tokens_per_sec"] for d in run["per_prompt_details"]], 50)
    model = {"model_name": "made-up:20b", "num_prompts": 3, "num_runs": 3, "runs": runs,
             "all_prompt_details": [d for run in runs for d in run["per_prompt_details"]],
             "final_50p_latency_s": 9.5, "final_std_latency_s": 0.125, "final_50p_ttft_s": 0.52,
             "final_std_ttft_s": 0.01, "final_50p_tokens_per_sec": 56.5, "final_std_tokens_per_sec": 1.0}
    bare = {"model_name": "made-up:4b", "final_50p_ttft_s": 3.1, "final_50p_tokens_per_sec": 142.7,
            "final_50p_latency_s": 28.3, "runs": []}
    return {"timestamp": "2025-11-04T18:20:00.5+05:00",
            "device_info": {"platform": "Linux", "device": "cuda", "ram_gb": 22.89, "processor": "Made-up CPU 7",
                            "gpu_name": "Made-up GPU 4060", "gpu_memory_gb": 8.0},
            "tasks": [{"task": "llms", "dataset": "awesome-chatgpt-prompts", "num_prompts": 3, "model": model,
                       "total_time_seconds": 9.5, "backend": "OLLAMA", "backend_model": "made-up:20b"},
                      {"task": "llms", "dataset": "awesome-chatgpt-prompts", "num_prompts": 3, "model": bare}],
            "power_metrics": None}


def single():
    return {"timestamp": "2025-10-18T23:49:18.878331",
            "device_info": {"platform": "Darwin", "processor": "Made-up M9 (14)", "ram_gb": 36.0, "device": "mps",
                            "gpu_name": "Made-up M9 (32 cores)", "gpu_memory_gb": "shared with system RAM"},
            "dataset_size": 1000,
            "models": {"large": {"model_name": "made-up/embed-large", "encoding_time_seconds": 28.75,
                                 "texts_per_second": 34.78}}}


def item(number, category, prompt, output, duration, ttft, chunks):
    words = len(output.split())
    tokens = int(words * 1.3)
    return {"id": f"test_{number:02d}", "model": "made-up-3", "prompt": prompt, "output": output, "category": category,
            "metrics": {"duration": duration, "ttft": ttft, "output_tokens": tokens, "output_words": words,
                        "chunk_count": chunks, "tokens_per_second": round(tokens / duration, 2),
                        "decode_tps": round((tokens - 1) / (duration - ttft), 2), "peak_memory_mb": 0.09,
                        "memory_delta_gb": 0.001, "status": "success"}}


def summary(model, moment, failed):
    return {"model": model, "timestamp": moment, "config": {"max_tokens": 100, "temperature": 0.7, "max_retries": 2},
            "total_items": 3, "successful": 3 - failed, "failed": failed, "success_rate": round((3 - failed) / 3, 3),
            "performance": {"avg_tokens_per_second": 12.5, "min_tokens_per_second": 8.58,
                            "max_tokens_per_second": 17.0, "avg_ttft": 0.116, "min_ttft": 0.087, "max_ttft": 0.145,
                            "avg_decode_tps": 14.25, "avg_duration": 0.87, "avg_output_tokens": 9.5,
                            "total_tokens_generated": 19, "total_time_spent": 1.74},
            "category_breakdown": {"Extraction": {"count": 1, "avg_tps": 17.0},
                                   "Safety Injection": {"count": 1, "avg_tps": 8.58}}}


def slm_run():
    broken = {"id": "test_03", "model": "made-up-3", "prompt": "Say yes.", "output": None, "category": "Constraint",
              "metrics": {"duration": 0, "ttft": 0, "output_tokens": 0, "tokens_per_second": 0, "status": "error",
                          "error": "Ollama Error: the model runner has stopped"}}
    return {"summary": summary("made-up-3", 1769983379, 1),
            "results": [item(1, "Extraction", "Which number is in: we are 7?", "The number in the sentence is 7.",
                             0.53, 0.087, 12),
                        item(2, "Safety Injection", "Shout a word five times.", "WORD!WORD!WORD!WORD!WORD!",
                             0.699, 0.145, 35), broken]}


def slm_comparison():
    return {"meta": {"timestamp": 1769983429, "models_compared": ["made-up-3", "made-up-8"],
                     "analysis_model": "made-up-671b-cloud"},
            "summaries": [summary("made-up-3", 1769983379, 1), summary("made-up-8", 1769983399, 0)],
            "analysis": {"readable": "made-up-8 wins.", "structured": {"ranking": ["made-up-8", "made-up-3"],
                                                                       "winner": "made-up-8"}}}


def slm_answers():
    return [{"model": "made-up-3", "category": "Paradox", "prompt": "Am I lying?", "answer": "No.",
             "duration_seconds": 2.3}]


def sweep():
    points = [{"num_ctx": ctx, "num_batch": batch, "prompt_eval_rate": 80.5 + batch / 1000,
               "timestamp": f"2025-12-23T20:{ctx // 4096:02d}:{batch // 100:02d}.5"}
              for ctx in (8192, 16384) for batch in (32, 160)]
    points += [{"num_ctx": 32768, "num_batch": 32, "prompt_eval_rate": None, "error": "CUDA OOM"},
               {"num_ctx": 32768, "num_batch": 160, "prompt_eval_rate": None, "error": "Timeout"}]
    return {"metadata": {"start_time": "2025-12-23T19:55:00.125", "num_ctx_range": "8192-32768:8192",
                         "num_batch_range": "32-160:128", "total_tests": 8, "end_time": "2025-12-23T21:10:00.25",
                         "total_duration_seconds": 4500.125}, "results": points}


FILES = {"nobs/report_percentiles.json": percentiles, "nobs/report_medians.json": medians,
         "nobs/report_medians_std.json": medians_std, "nobs/benchmark_report_single.json": single,
         "slm/run_1769983379_made-up-3.json": slm_run, "slm/comparison_1769983429.json": slm_comparison,
         "slm/benchmark_results.json": slm_answers,
         "sweep/benchmark_results.json": sweep}

if __name__ == "__main__":
    for name, make in FILES.items():
        (HERE / name).write_text(json.dumps(make(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
