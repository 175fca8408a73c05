"""A simulator of one's own and what it says truly happened: how many streams were really in flight, when each first
token left, how many answers were whole. No client is asked for any of this."""
import json, os, signal, statistics, subprocess


class Simulator:
    """with Simulator(assay, scenario, folder) as sim: ... sim.url ...; behind it sim.truth() and sim.cpu_s."""

    def __init__(self, assay, scenario, folder, brief):
        self.file = folder / "truth.jsonl"
        (folder / "scenario.json").write_text(json.dumps(scenario))
        self.arguments = [assay, "sim", "--with-parent", "--scenario", folder / "scenario.json", "--truth", self.file]
        if brief:  # without each event, which costs the server time where there are many; gaps are not known then
            self.arguments.append("--truth-summary")

    def __enter__(self):
        self.process = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise SystemExit("compare: the simulator does not start")
        self.url = line.split()[-1]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self.process.stdout.close()
        self.cpu_s = usage.ru_utime + usage.ru_stime

    def truth(self):
        with open(self.file) as lines:
            return Truth(json.loads(line) for line in lines)


def token_times(line):
    """When tokens left: all moments, or the first and the last; and how many events carried them."""
    if "sum" in line:
        total = line["sum"]
        times = [total["first_token_ns"], total["last_token_ns"]] if total["token_events"] else []
        return times, total["token_events"]
    times = [event["sent_ns"] for event in line["events"] if event["tokens"] and "sent_ns" in event]
    return times, len(times)


def tokens_of(line):
    """Those that left; of an answer that was summed up and did not end, each event is taken for a token."""
    if "events" in line:
        return sum(event["tokens"] for event in line["events"] if "sent_ns" in event)
    return line["tokens"]["completion"] if line["ending"] == "complete" else line["sum"]["token_events"]


class Truth:
    """Of the requests for streams; those for lists of models and the like do not count."""

    def __init__(self, lines):
        self.requests, self.lateness = [], {}
        for line in lines:
            if line["type"] == "summary":
                self.lateness = line.get("lateness", {})
            elif line.get("streamed"):
                self.requests.append(self.summed_up(line))
        self.whole = [r for r in self.requests if r["whole"]]

    @staticmethod
    def summed_up(line):
        sent, events = token_times(line)
        return {"begin_ns": line["read_ns"], "end_ns": line.get("done_ns") or (sent or [line["read_ns"]])[-1],
                "tokens": tokens_of(line), "whole": line["ending"] == "complete" and bool(sent), "events": events,
                "ttft_ns": sent[0] - line["read_ns"] if sent else None,
                "gaps_ns": [b - a for a, b in zip(sent, sent[1:])]}

    def first_ns(self):
        return min((r["begin_ns"] for r in self.requests), default=None)

    def seconds(self):
        return (max(r["end_ns"] for r in self.requests) - self.first_ns()) / 1e9 if self.requests else 0

    def tokens(self, requests):
        return sum(r["tokens"] for r in requests)

    def events(self):
        return sum(r["events"] for r in self.requests)

    def in_flight(self):
        """Mean over the time from the first request to the last answer, and the most at a time."""
        busy = sum(r["end_ns"] - r["begin_ns"] for r in self.requests) / 1e9
        changes = sorted([(r["begin_ns"], 1) for r in self.requests] + [(r["end_ns"], -1) for r in self.requests])
        now = most = 0
        for _, change in changes:
            now += change
            most = max(most, now)
        return busy / self.seconds() if self.seconds() else 0, most

    def ttft_mean(self):
        return statistics.fmean(r["ttft_ns"] for r in self.whole) / 1e9 if self.whole else None

    def gap_mean(self):
        gaps = [gap for r in self.whole for gap in r["gaps_ns"]]
        return statistics.fmean(gaps) / 1e9 if gaps else None

    def gap_max(self):
        return max((gap for r in self.whole for gap in r["gaps_ns"]), default=0) / 1e9
