"""A hub of data sets as its documentation describes it: rows, splits, api/datasets, datasets/NAME/resolve.

    sets_server.py LOG        prints its address, logs a line per request: PATH AUTHORIZATION
"""
import base64
import http.server
import json
import sys
import urllib.parse

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
                       "awAAAABJRU5ErkJggg==")
REVISION = "e6281661ce1c48d982bc483cf8a173c1bbeb5d31"
CLASSES = {"names": ["neg", "pos"], "_type": "ClassLabel"}
TEXT = {"dtype": "string", "_type": "Value"}


def imdb(i):  # sorted by its answer, as the real one is
    return {"text": f"Review {i}.", "label": 0 if i < 500 else 1}


def hallusion(i):
    return {"question": f"The answer is {'yes' if i % 2 else 'no'}. Is it {i}?", "gt_answer": str(i % 2),
            "image": {"src": f"{server.address}/assets/{i}.png?Signature=secret", "height": 1, "width": 1}}


def own(i):
    return {"question": f"The answer is {i}", "answer": str(i), "other": None}


SETS = {("stanfordnlp/imdb", "plain_text", "test"): (imdb, 1000, {"text": TEXT, "label": CLASSES}),
        ("lmms-lab/HallusionBench", "default", "image"): (hallusion, 20, {}),
        ("me/mine", "second", "train"): (own, 250, {})}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, body, status=200, kind="application/json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def rows(self, query):
        found = SETS.get((query["dataset"], query["config"], query["split"]))
        offset, length = int(query["offset"]), int(query["length"])
        if not found:
            return self.send({"error": "Not found."}, 404, X_Error_Code="ResponseNotFound")
        if length > 100:
            return self.send({"error": "Parameter 'length' must not be greater than 100"}, 422)
        make, total, features = found
        rows = [{"row_idx": i, "row": make(i), "truncated_cells": []}
                for i in range(offset, min(offset + length, total))]
        return self.send({"features": [{"feature_idx": n, "name": name, "type": kind}
                                       for n, (name, kind) in enumerate(features.items())],
                          "rows": rows, "num_rows_total": total, "num_rows_per_page": 100, "partial": False},
                         X_Revision=REVISION)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        with open(sys.argv[1], "a", encoding="utf-8") as log:
            log.write(f"{self.path} {self.headers.get('Authorization', '-')}\n")
        if url.path == "/rows":
            return self.rows(query)
        if url.path == "/splits":
            return self.send({"splits": [{"dataset": d, "config": c, "split": s} for d, c, s in SETS
                                         if d == query["dataset"]], "pending": [], "failed": []})
        if url.path.startswith("/api/datasets/"):
            return self.send({"id": url.path[14:], "sha": REVISION, "cardData": {"license": "cc0-1.0"}})
        if url.path == "/datasets/fka/awesome-chatgpt-prompts/resolve/main/prompts.csv":
            return self.send(b"", 302, Location="/cdn/prompts.csv")
        if url.path == "/cdn/prompts.csv":
            return self.send(b'act,prompt\n"A terminal","I want you to act\nas a ""terminal""."\nPoet,Be a poet.\n',
                             kind="text/csv")
        if url.path.startswith("/assets/"):
            return self.send(PNG, kind="image/png")
        return self.send(b"<html>Not here</html>", 404, "text/html")

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.address = f"http://127.0.0.1:{server.server_address[1]}"
print(server.address, flush=True)
server.serve_forever()
