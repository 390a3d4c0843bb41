"""An HTTP server on the loopback that misbehaves as real ones do, one way per path."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class NastyServer(ThreadingHTTPServer):
    """Serves `content` under every path; the path says how.

    good, drop (every answer ends early), norange, lie-long (announces more than it has), wrong
    (other bytes), redirect, loop, busy (503 with Retry-After first), missing, login, change (new
    version after the first parts), weak (no validator).
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.ranges: list[tuple[int, int]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: NastyServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.strip("/")
        way = path.split(".")[0]
        server = self.server
        server.asked[way] += 1
        server.agents.add(self.headers.get("User-Agent", ""))
        count = server.asked[way]
        if way == "redirect":
            return self._status(302, Location=server.url("good.bin"))
        if way == "loop":
            return self._status(302, Location=server.url("loop.bin"))
        if way == "missing":
            return self._status(404)
        if way == "login":
            return self._status(403)
        if way == "busy" and count <= 2:
            return self._status(503 if count % 2 else 429, **{"Retry-After": "7"})
        content = server.content
        if way == "wrong" or (way == "change" and count > 3):
            content = content[::-1]
        return self._send(way, content)

    def _status(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, way: str, content: bytes) -> None:
        etag = f'"{hashlib.sha256(content).hexdigest()[:8]}"'
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        fresh = self.headers.get("If-Range", etag) == etag
        if found and way not in ("norange", "lie-long") and fresh and len(content):
            start, end = int(found[1]), min(int(found[2]) + 1, len(content))
            self.server.ranges.append((start, end))
            body = content[start:end]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
        else:
            body = content
            self.send_response(200)
        if way != "weak":
            self.send_header("ETag", etag)
        announced = len(body) + (1000 if way == "lie-long" and len(body) > 1 else 0)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        if way == "drop" and len(body) > 5000:
            body = body[:5000]
            self.close_connection = True
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)
        if announced != len(body):
            self.close_connection = True


@contextlib.contextmanager
def serve(content: bytes) -> Iterator[NastyServer]:
    """Runs the server for the time of a `with` block."""
    with NastyServer(content) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
