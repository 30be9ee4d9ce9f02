"""The domain name system of a rig: a name server on 127.0.0.1, over UDP and TCP.

    python names.py ZONE

Reads ZONE anew for each question: lines "NAME KIND VALUE". The KIND "SERVFAIL" makes every question
for that name fail, "SILENCE" leaves it without an answer; what no line names does not exist.
"""

import contextlib
import os
import socketserver
import struct
import sys

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset


def answer(question: bytes) -> bytes:
    query = dns.message.from_wire(question)
    name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
    with open(sys.argv[1]) as file:
        lines = [line.split(maxsplit=2) for line in file if line.strip()]
    wanted = name.to_text(omit_final_dot=True).lower()
    rows = [
        (line[1], line[2].strip() if len(line) > 2 else "") for line in lines if line[0] == wanted
    ]
    kinds = {row[0] for row in rows}
    if "SILENCE" in kinds:
        return b""
    reply = dns.message.make_response(query, recursion_available=True)
    if "SERVFAIL" in kinds:
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif not rows and not any(line[0].endswith(f".{wanted}") for line in lines):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    values = [value for row, value in rows if row == kind]
    if values:
        reply.answer.append(dns.rrset.from_text_list(name, 60, "IN", kind, values))
    return reply.to_wire(max_size=65535)


class Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, port = self.request
        if reply := answer(data):
            if len(reply) > 1232:
                cut = dns.message.from_wire(reply)
                short = dns.message.make_response(
                    dns.message.from_wire(data), recursion_available=True
                )
                short.flags |= dns.flags.TC
                short.set_rcode(cut.rcode())
                reply = short.to_wire()
            port.sendto(reply, self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        if reply := answer(self.rfile.read(length)):
            self.wfile.write(struct.pack("!H", len(reply)) + reply)


class Names(socketserver.ThreadingUDPServer):
    allow_reuse_address = True
    daemon_threads = True


class LongNames(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    import threading

    with contextlib.suppress(OSError):
        os.setsid()
    udp, tcp = Names(("127.0.0.1", 53), Datagram), LongNames(("127.0.0.1", 53), Stream)
    threading.Thread(target=tcp.serve_forever, daemon=True).start()
    print("ready", flush=True)
    udp.serve_forever()
