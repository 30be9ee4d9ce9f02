"""A real web server on loopback whose pages are functions, and what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.calendars.feeds import calendar

DUTY = calendar(
    ["UID:1", "SUMMARY:alice", "DTSTART:20261123T090000Z", "DTEND:20261130T090000Z"],
    ["UID:2", "SUMMARY:bob", "DTSTART:20261130T090000Z", "DTEND:20261207T090000Z"],
)


@dataclass
class Site:
    """Pages by path; `asked` holds the path and the headers of every request so far."""

    port: int
    pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, Message]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/duty.ics", user: str = "", host: str = "127.0.0.1") -> str:
        return f"http://{user}{host}:{self.port}{path}"

    def serve(
        self, path: str, body: bytes = DUTY, status: int = 200, **headers: str | None
    ) -> None:
        """Answer with this; `_` in a header's name is `-`, None leaves the header out."""

        def page(request: BaseHTTPRequestHandler) -> None:
            known: dict[str, str | None] = {"Content-Length": str(len(body))}
            known.update({name.replace("_", "-"): text for name, text in headers.items()})
            request.send_response(status)
            for name, text in known.items():
                if text is not None:
                    request.send_header(name, text)
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = page

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.serve(path, b"", status, Location=to)


@contextmanager
def site(address: str = "127.0.0.1") -> Iterator[Site]:
    """A server with `/duty.ics` on a free port, gone afterwards."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers))
            self.close_connection = True
            page = made.pages.get(self.path)
            try:
                if page is None:
                    self.send_error(404)
                else:
                    page(self)
            except OSError:
                pass  # whoever asked has heard enough

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    made = Site(server.server_address[1])
    made.serve("/duty.ics")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
