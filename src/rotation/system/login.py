"""What it takes to look into an IMAP account."""

from __future__ import annotations

from rotation.dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """An IMAP account. Port 143 is spoken with STARTTLS, every other one is TLS from the start."""

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993

    def __str__(self) -> str:
        return f"{self.user} at {self.host}"
