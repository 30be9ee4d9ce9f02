"""The lists of main.cf."""

from __future__ import annotations

from rotation.route.postfix_maps import words


def test_lists_in_main_cf() -> None:
    value = "hash:/a, inline:{ {v@x.test=alice bob}, {w=x} },regexp:/b\n pipemap:{hash:/c,hash:/d}"
    assert words(value) == [
        "hash:/a",
        "inline:{ {v@x.test=alice bob}, {w=x} }",
        "regexp:/b",
        "pipemap:{hash:/c,hash:/d}",
    ]
