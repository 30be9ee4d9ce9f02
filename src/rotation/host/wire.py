"""What http.client reads and writes through: bytes until an instant, gzip up to a size."""

from __future__ import annotations

import io
import socket
import time
import zlib
from typing import Any


def left(until: float) -> float:
    """How many seconds are left. Raises TimeoutError where none are."""
    rest = until - time.monotonic()
    if rest <= 0:
        raise TimeoutError
    return rest


class _DeadlineReader(io.RawIOBase):
    """What comes from a socket until an instant, however slowly it drips."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._socket, self._until = connection, until

    def readable(self) -> bool:
        """Whether it can be read from: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come, waiting no longer than until the deadline. Raises TimeoutError."""
        self._socket.settimeout(left(self._until))
        return self._socket.recv_into(buffer)


class Wire:
    """As much of a socket as http.client uses. Whoever made the socket closes it."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._socket, self._until = connection, until

    def makefile(self, *_: object) -> io.BufferedReader:
        """A buffered reader of the socket, as http.client asks for one."""
        return io.BufferedReader(_DeadlineReader(self._socket, self._until))

    def sendall(self, data: bytes) -> None:
        """Send all of it before the deadline. Raises TimeoutError."""
        self._socket.settimeout(left(self._until))
        self._socket.sendall(data)

    def close(self) -> None:
        """Leave the socket open: whoever opened it closes it."""


class Gzip:
    """Unpacks gzip (RFC 1952), member by member, and never more than is asked for."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    @property
    def whole(self) -> bool:
        """Whether the compressed stream has come to its end."""
        return self._member.eof

    def feed(self, data: bytes, limit: int) -> bytes:
        """Unpack at most `limit` bytes more. Raises zlib.error for what is not gzip."""
        parts: list[bytes] = []
        while data and limit > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            part = self._member.decompress(data, limit)
            parts.append(part)
            limit -= len(part)
            data = self._member.unconsumed_tail or self._member.unused_data
        return b"".join(parts)
