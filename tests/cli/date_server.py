#!/usr/bin/env python3
"""A server whose clock is off, and that dates its answers:   date_server.py SECONDS_AHEAD   (says its port)"""
import http.server
import sys
import time

AHEAD = float(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp=None):
        return super().date_time_string(int(time.time() + AHEAD))

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
