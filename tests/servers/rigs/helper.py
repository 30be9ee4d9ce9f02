"""Process 1 of a rig: it holds the rig, and is its system log and the rest of the world.

- it says "ready", waits for the end of its standard input, and ends, and with it the whole rig;
- it is the parent of every daemon in the end, and lets none become a zombie;
- what is sent to `/dev/log` is appended to `/var/log/mail.log`;
- whatever the mail server sends to other hosts is taken by 192.0.2.25 and ends in
  `/var/mail/ADDRESS`, an mbox like those of the local users, unless a line of `/run/refused`,
  "ADDRESS CODE TEXT", has another answer for that recipient; where there is a file
  `/run/smtputf8`, it offers SMTPUTF8.

Standard library only, and nothing of this package: it is started as `python -I -S helper.py`.
"""

import os
import re
import signal
import socket
import socketserver
import sys
import threading

LOG = "/var/log/mail.log"
MAIL = "/var/mail"
REFUSED = "/run/refused"
UTF8 = "/run/smtputf8"
OUTSIDE = ("192.0.2.25", 25)


def log(port: socket.socket) -> None:
    while True:
        line = re.sub(rb"^<\d+>", b"", port.recv(65536)).rstrip(b"\n\0")
        with open(LOG, "ab") as file:
            file.write(line + b"\n")


def refused(recipient: str) -> str:
    """What this recipient is refused with, if it is."""
    try:
        with open(REFUSED) as file:
            lines = [line.rstrip("\n").partition(" ") for line in file]
    except FileNotFoundError:
        return ""
    return next((answer for address, _, answer in lines if address == recipient.lower()), "")


class Session(socketserver.StreamRequestHandler):
    """Just enough SMTP to take a message from a well-behaved server."""

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self) -> None:
        recipients: list[str] = []
        self.say("220 outside.test ESMTP")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say("221 bye")
                return
            if verb == b"RCPT":
                found = re.search(rb"<(.*?)>", line)
                recipient = found[1].decode() if found else "unreadable"
                answer = refused(recipient)
                if not answer:
                    recipients.append(recipient)
                self.say(answer or "250 ok")
            elif verb == b"DATA":
                self.say("354 go ahead")
                self.keep(recipients)
                recipients = []
                self.say("250 kept")
            elif verb == b"EHLO" and os.path.exists(UTF8):
                self.say("250-outside.test\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == b"RSET":
                recipients = []
                self.say("250 ok")
            else:
                self.say("250 outside.test")

    def keep(self, recipients: list[str]) -> None:
        text = b"From outside Thu Jan  1 00:00:00 1970\n"
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            line = line.replace(b"\r\n", b"\n").removeprefix(b".")
            text += b">" + line if line.startswith(b"From ") else line
        for recipient in recipients:
            with open(os.path.join(MAIL, recipient.replace("/", "_")), "ab") as file:
                file.write(text + b"\n")


class Outside(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    outside = Outside(OUTSIDE, Session)
    port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    port.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    threading.Thread(target=log, args=[port], daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()
