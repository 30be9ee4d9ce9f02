"""Process 1 of a rig: it lays it out, holds it, and is its system log and the rest of the world.

    python -I -S helper.py SERVER MOUNT...

- it makes `/` that of the rig, on a tmpfs over /sys: a folder that exists everywhere, which the rig
  does not need, so that nothing is left behind on this host; by system calls: there are hundreds
  of rigs;
- it says "ready", waits for the end of its standard input, and ends, and with it the whole rig;
- it is the parent of every daemon in the end, and lets none become a zombie;
- what is sent to `/dev/log` is appended to `/var/log/mail.log`;
- whatever the mail server sends to other hosts is taken by 192.0.2.25 and ends in
  `/var/mail/ADDRESS`, an mbox like those of the local users, unless a line of `/run/refused`,
  "ADDRESS CODE TEXT", has another answer for that recipient; where there is a file
  `/run/smtputf8`, it offers SMTPUTF8.

Standard library only.
"""

import ctypes
import grp
import os
import re
import signal
import socket
import socketserver
import sys
import threading
from contextlib import suppress

LOG = "/var/log/mail.log"
MAIL = "/var/mail"
REFUSED = "/run/refused"
UTF8 = "/run/smtputf8"
OUTSIDE = ("192.0.2.25", 25)
BIND, DETACH = 4096, 2
ROOT = "/sys/root"
NETWORK = "link set lo up\nroute add local 192.0.2.25 dev lo\n"
FILES = {
    "/etc/hosts": "127.0.0.1 box.test box localhost\n",
    "/etc/resolv.conf": "",
    "/etc/nsswitch.conf": "".join(
        f"{name}: files\n"
        for name in ("passwd", "group", "shadow", "hosts", "services", "protocols")
    ),
    "/etc/mailname": "box.test\n",
    "/etc/hostname": "box.test\n",
}
_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: str | int) -> None:
    """A call of the C library. Raises OSError."""
    words = [w.encode() if isinstance(w, str) else ctypes.c_ulong(w) for w in arguments]
    if getattr(_LIBC, name)(*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), f"{name} {arguments}")


def _mount(kind: str, where: str, options: str = "") -> None:
    _call("mount", "rig", where, kind, 0, options)


def _bind(path: str, where: str) -> None:
    _call("mount", path, where, "", BIND, "")


def _run(*argv: str) -> None:
    """Run a program to its end. Raises OSError."""
    status = os.waitstatus_to_exitcode(os.waitpid(os.posix_spawnp(argv[0], argv, os.environ), 0)[1])
    if status != 0:
        raise OSError(0, f"status {status}", " ".join(argv))


def _layer(number: int, path: str) -> None:
    """Show a path of this host inside, copy on write."""
    upper, work = f"/sys/up{number}", f"/sys/work{number}"
    for folder in (upper, work, ROOT + path):
        os.makedirs(folder, exist_ok=True)
    _mount("overlay", ROOT + path, f"lowerdir={path},upperdir={upper},workdir={work}")


def lay_out(server: str, mounts: list[str]) -> None:
    """Make `/` that of a rig: this host under an overlay, the unpacked server over it, and what
    else of this host must stay visible, "bind PATH" (the same files) or "over PATH" (copy on
    write). Raises OSError."""
    shown = [what.split(" ", 1) for what in mounts]
    _mount("tmpfs", "/sys", "mode=755")
    _layer(0, "/")
    for number, (how, path) in enumerate(shown, 1):
        if how == "over":
            _layer(number, path)
    _run("cp", "-a", f"{server}/.", ROOT)
    _devices(f"{ROOT}/dev")
    _mount("tmpfs", f"{ROOT}/run", "mode=755")
    _mount("tmpfs", f"{ROOT}/tmp", "mode=1777")
    _mount("proc", f"{ROOT}/proc")
    for how, path in shown:
        if how == "bind":
            os.makedirs(ROOT + path, exist_ok=True)
            _bind(path, ROOT + path)
    with open("/sys/network", "w") as file:
        file.write(NETWORK)
    _run("ip", "-batch", file.name)
    socket.sethostname("box.test")
    os.chdir(ROOT)
    os.makedirs(".host", exist_ok=True)
    _call("pivot_root", ".", ".host")
    os.chdir("/")
    _call("umount2", "/.host", DETACH)
    os.rmdir("/.host")
    _tidy()


def _devices(dev: str) -> None:
    _mount("tmpfs", dev, "mode=755")
    for node in ("null", "zero", "full", "random", "urandom", "tty"):
        os.close(os.open(f"{dev}/{node}", os.O_CREAT))
        _bind(f"/dev/{node}", f"{dev}/{node}")
    for folder in ("pts", "shm"):
        os.mkdir(f"{dev}/{folder}")
    _mount("devpts", f"{dev}/pts", "newinstance,ptmxmode=0666,mode=0620")
    _mount("tmpfs", f"{dev}/shm", "mode=1777")
    os.symlink("pts/ptmx", f"{dev}/ptmx")
    os.symlink("/proc/self/fd", f"{dev}/fd")


def _tidy() -> None:
    """What this host has of its own is the rig's."""
    for path in (*FILES, "/etc/nologin", "/var/log/mail.log"):
        with suppress(FileNotFoundError):
            os.unlink(path)
    for path, text in FILES.items():
        with open(path, "w") as file:
            file.write(text)
    os.mkdir("/run/lock")
    os.chmod("/run/lock", 0o1777)
    for folder, folders, files in os.walk("/var/mail", topdown=False):
        for name in files:
            os.unlink(f"{folder}/{name}")
        for name in folders:
            os.rmdir(f"{folder}/{name}")
    with suppress(OSError):
        os.unlink("/var/spool/mail")
    with suppress(OSError):
        os.symlink("/var/mail", "/var/spool/mail")
    os.chown("/var/mail", 0, grp.getgrnam("mail").gr_gid)
    os.chmod("/var/mail", 0o3777)


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
    try:
        lay_out(sys.argv[1], sys.argv[2:])
    except OSError as error:
        sys.exit(str(error))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    outside = Outside(OUTSIDE, Session)
    port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    port.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    threading.Thread(target=log, args=[port], daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()
