"""A small honest load client that only knows events in their most common form, to test `compare` with.

It is both: the program, and the module that says how it is run and read."""
import http.client, json, pathlib, statistics, sys, threading, time, urllib.parse


def find(options):
    return sys.executable


def command(job):
    return [sys.executable, pathlib.Path(__file__).resolve(), job.url, job.model, job.streams, job.requests, job.tokens]


def figures(job):
    return json.loads((job.folder / "stdout").read_text())


def ask(connection, model, tokens):
    """Times of the events with text, the server's count and whether the stream was whole."""
    body = {"model": model, "stream": True, "stream_options": {"include_usage": True}, "max_tokens": tokens,
            "messages": [{"role": "user", "content": "one two three"}]}
    sent, times, count, whole = time.monotonic(), [], 0, False
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    for line in answer:
        if line.startswith(b"data: [DONE]"):
            whole = answer.status == 200
        elif line.startswith(b"data: "):
            event = json.loads(line[6:])
            count = (event.get("usage") or {}).get("completion_tokens", count)
            if any(choice["delta"].get("content") for choice in event.get("choices", [])):
                times.append(time.monotonic() - sent)
    return times, count, whole and bool(times)


def stream(address, model, requests, tokens, results):
    connection = http.client.HTTPConnection(address)
    for _ in range(requests):
        try:
            results.append(ask(connection, model, tokens))
        except (OSError, http.client.HTTPException):
            results.append(([], 0, False))
            connection.close()


def main(url, model, streams, requests, tokens):
    results = []
    threads = [threading.Thread(target=stream, args=(urllib.parse.urlsplit(url).netloc, model,
                                                     int(requests) // int(streams), int(tokens), results))
               for _ in range(int(streams))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [(times, count) for times, count, whole in results if whole]
    gaps = [b - a for times, _ in good for a, b in zip(times, times[1:])]
    json.dump({"ok": len(good), "failed": len(results) - len(good), "tokens": sum(count for _, count in good),
               "ttft_mean": statistics.fmean(times[0] for times, _ in good) if good else None,
               "gap_mean": statistics.fmean(gaps) if gaps else None, "gap_max": max(gaps, default=None)}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
