"""A server for Postfix's `socketmap:` tables on 127.0.0.1:9999 (socketmap_table(5)).

    python socketmap.py FILE

Reads FILE anew for each question: lines "MAP KEY VALUE"; the VALUE "TEMP" answers that it is out of
order. Standard library only.
"""

import socketserver
import sys


class Session(socketserver.StreamRequestHandler):
    """One client: netstrings in, netstrings out."""

    def handle(self) -> None:
        while (asked := self.take()) is not None:
            name, _, key = asked.partition(" ")
            answer = self.answer(name, key).encode()
            self.wfile.write(b"%d:%b," % (len(answer), answer))

    def take(self) -> "str | None":
        digits = b""
        while (byte := self.rfile.read(1)).isdigit():
            digits += byte
        if byte != b":":
            return None
        text = self.rfile.read(int(digits) + 1)
        return text[:-1].decode()

    def answer(self, name: str, key: str) -> str:
        with open(sys.argv[1]) as file:
            rows = [line.rstrip("\n").split(" ", 2) for line in file]
        value = next((row[2] for row in rows if row[:2] == [name, key]), None)
        if value is None:
            return "NOTFOUND "
        return "TEMP out of order" if value == "TEMP" else f"OK {value}"


class Server(socketserver.ThreadingTCPServer):
    """A thread for each client."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", 9999), Session).serve_forever()
