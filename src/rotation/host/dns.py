"""Asking the domain name system, by way of the resolvers of this host (resolv.conf(5)).

`dnspython` does it; it is imported here alone, and wanted by nothing but `doctor --dns`.
"""

from __future__ import annotations

from functools import cache

from rotation.errors import Problem, UsageError
from rotation.system.dns import Answered, Lookup, Unanswered

LIFETIME = 10.0
"""Seconds for one question, over all resolvers and tries."""


def resolver() -> Lookup:
    """Who asks; each question once. Raises UsageError where the library is not installed."""
    try:
        import dns.exception
        import dns.rdatatype
        import dns.resolver
    except ImportError:
        problem = Problem("dnspython is not installed", hint="pip install 'rotation[dns]'")
        raise UsageError(problem) from None
    try:
        asked = dns.resolver.Resolver()
    except dns.exception.DNSException as error:
        what = f"this host has no resolver: {error}"
        return lambda name, kind: Unanswered(what)
    asked.lifetime = LIFETIME

    @cache
    def lookup(name: str, kind: str) -> Answered | Unanswered:
        try:
            answer = asked.resolve(f"{name.rstrip('.')}.", kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return Answered(exists=False)
        except dns.resolver.LifetimeTimeout:
            return Unanswered(f"no answer within {LIFETIME:.0f} seconds")
        except dns.resolver.NoNameservers:
            return Unanswered("the servers that should know fail or refuse (SERVFAIL)")
        except (dns.exception.DNSException, ValueError, OSError) as error:
            return Unanswered(str(error) or type(error).__name__)
        if answer.rrset is None:
            return Answered()
        if dns.rdatatype.from_text(kind) == dns.rdatatype.TXT:
            texts = (b"".join(record.strings) for record in answer.rrset)
            return Answered(tuple(text.decode("utf-8", "backslashreplace") for text in texts))
        return Answered(tuple(record.to_text() for record in answer.rrset))

    return lookup
