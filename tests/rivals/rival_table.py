"""The table of loads: a row per client and number of streams, the median of the rounds."""
import json, statistics


def print_table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def number(value, digits=1):
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def ms(value):
    return number(None if value is None else 1e3 * value)


def median(runs, *path):
    found = []
    for value in runs:
        for name in path:
            value = (value or {}).get(name)
        if value is not None:
            found.append(value)
    return statistics.median(found) if found else None


def truth_of(truth, cost, streams):
    """What the simulator's truth says of one run, as it is kept."""
    mean, most = truth.in_flight()
    first = truth.first_ns()
    return {"requests": len(truth.requests), "whole": len(truth.whole), "events": truth.events(),
            "tokens_per_s": truth.tokens(truth.requests) / truth.seconds() if truth.requests else 0,
            "in_flight_mean": mean, "in_flight_max": most, "streams": streams, "ttft_mean": truth.ttft_mean(),
            "first_request_s": (first - cost.start_ns) / 1e9 if first else None,
            "late_p99_s": truth.lateness.get("p99_s")}


head = ["client", "streams", "answers: says / true", "TTFT mean ms", "TTFT p99 ms", "ITL p99 ms",
        "tokens/s: says", "tokens/s: true, of the ideal", "really in flight: mean, most",
        "CPU s per 100 000 events", "memory MB", "start-up s: --version / first request",
        "server late p99 ms", "others' CPU, cores"]


late_share = 0.1  # of a gap: what the simulator may be late by (p99) before its lateness is taken for the client's
late_note = "† The simulator itself was late (p99) by more than a tenth of a gap: times and rates of this row are the "\
            "machine's, not the client's."


def row(client, streams, runs, ideal, start_up, gap_s):
    failed = [run["failed"] for run in runs if "failed" in run]
    if failed:
        return [client, streams, cell(failed[0])] + ["–"] * (len(head) - 3)
    true_rate = median(runs, "true", "tokens_per_s")
    cpu = median(runs, "cost", "cpu_s")
    events = median(runs, "true", "events")
    known = true_rate is not None
    late = known and (median(runs, "true", "late_p99_s") or 0) > late_share * gap_s
    return [client + (" †" if late else ""), streams,
            f'{number(median(runs, "said", "ok"), 0)} / {number(median(runs, "true", "whole"), 0)}',
            ms(median(runs, "said", "ttft_mean")), ms(median(runs, "said", "ttft_p99")),
            ms(median(runs, "said", "gap_p99")), number(median(runs, "said", "tokens_per_s"), 0),
            f"{number(true_rate, 0)}, {100 * true_rate / ideal:.1f} %" if known else "–",
            f'{number(median(runs, "true", "in_flight_mean"), 0 if streams > 9 else 2)}, '
            f'{number(median(runs, "true", "in_flight_max"), 0)}' if known else "–",
            number(1e5 * cpu / events, 2) if events else f"{cpu:.2f} in all",
            number(median(runs, "cost", "peak_bytes") / 1e6, 0),
            f'{number(start_up, 2)} / {number(median(runs, "true", "first_request_s"), 2)}',
            ms(median(runs, "true", "late_p99_s")), number(median(runs, "others"), 2)]


def print_loads(runs, clients, options, start_ups):
    """clients: their names in order, with the reason where one did not come to run."""
    rows = []
    for streams in options.streams:
        ideal = streams * options.tokens / (options.ttft_s + (options.tokens - 1) * options.gap_s)
        for name, reason in clients.items():
            of_it = [run for run in runs if run["client"] == name and run["streams"] == streams]
            if reason:
                of_it = [{"failed": reason}]
            if of_it:
                rows.append(row(name, streams, of_it, ideal, start_ups.get(name), options.gap_s))
    print_table(head, rows)
    if any(row[0].endswith("†") for row in rows):
        print(late_note + "\n")


def keep(folder, run):
    with open(folder / "runs.jsonl", "a") as file:
        print(json.dumps(run), file=file)
