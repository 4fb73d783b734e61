"""Shows this book at an address of this machine only: python3 serve.py [PORT]

Needs Python and nothing else. Most pages also open as files; the page that runs networks does not,
since a browser loads WebAssembly from a server alone.
"""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SITE = Path(__file__).resolve().parent / "html"
HOST, PORT = "127.0.0.1", 8000  #: this machine only


class Handler(SimpleHTTPRequestHandler):
    """Files of the site under the types that browsers insist on, whatever the system calls them."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".onnx": "application/octet-stream",
        ".svg": "image/svg+xml",
        ".csv": "text/csv; charset=utf-8",
        ".json": "application/json",
    }

    def log_message(self, *_: Any) -> None:
        """Nothing: a line for each file would hide the address."""


def server(site: Path = SITE, port: int = PORT) -> ThreadingHTTPServer:
    """A server of `site` at `port`, or at a free one where that is taken."""
    handler = partial(Handler, directory=str(site))
    try:
        return ThreadingHTTPServer((HOST, port), handler)
    except OSError:
        return ThreadingHTTPServer((HOST, 0), handler)


def main(*arguments: str) -> None:
    if arguments[1:] or not all(port.isdigit() and int(port) < 2**16 for port in arguments):
        sys.exit(f"usage: python3 serve.py [PORT], a number below {2**16}; {PORT} by default")
    if not (SITE / "index.html").is_file():
        sys.exit(f"serve.py: no book in {SITE}: unpack the whole zip")
    with server(port=int(arguments[0]) if arguments else PORT) as running:
        print(f"The book is at http://{HOST}:{running.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main(*sys.argv[1:])
