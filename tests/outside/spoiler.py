"""Copies with one bit turned: of bytes, of a note's line, of what a log serves. Whoever reads them must notice."""

import base64
import http.server
import threading
import urllib.error
import urllib.request


def turned(data, at):
    """A copy of the bytes with one bit turned in byte `at`."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def turned_in_line(note, number):
    """A copy of a note with one bit turned in what the last word of line `number` encodes; it is base64 as before."""
    lines = note.split(b"\n")
    head, space, word = lines[number].rpartition(b" ")
    content = base64.b64decode(word, validate=True)
    lines[number] = head + space + base64.b64encode(turned(content, len(content) // 2))
    return b"\n".join(lines)


class Spoiler:
    """A front that passes every GET on to `upstream`, and hands out `change(body)` for the path that was named last.

    `served` counts how often it did.
    """

    def __init__(self, upstream):
        self.upstream = upstream
        self.path, self.change, self.served = None, None, 0
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                front.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spoil(self, path, change):
        self.path, self.change, self.served = path, change, 0

    def answer(self, request):
        try:
            with urllib.request.urlopen(self.upstream + request.path, timeout=30) as answer:
                status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            status, kind, body = error.code, "text/plain", error.read()
        if request.path == self.path and status == 200:
            body = self.change(body)
            self.served += 1
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
