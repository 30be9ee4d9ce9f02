"""A plot of how costs grow, as SVG: both axes logarithmic, a line for each of some programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT, _LEFT, _TOP = 760, 460, 70, 30
_COLOURS = ("#1b6ca8", "#c23b22", "#2e8540", "#8a5a00", "#6a3d9a", "#555555")

Points = Sequence[tuple[float, float]]


def svg(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """The plot of (across, up) pairs, all above 0."""
    # what costs less than the clock can tell
    lines = {name: [(x, max(y, 0.001)) for x, y in line] for name, line in lines.items()}
    points = [point for line in lines.values() for point in line]
    low_x, high_x = _bounds([x for x, _ in points])
    low_y, high_y = _bounds([y for _, y in points])
    right, bottom = _WIDTH - 190, _HEIGHT - 60

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + (log10(x) - low_x) / (high_x - low_x) * (right - _LEFT),
            bottom - (log10(y) - low_y) / (high_y - low_y) * (bottom - _TOP),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="18" font-size="14">{escape(title)}</text>',
        f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 18}" text-anchor="middle">'
        f"{escape(across)}</text>",
        f'<text x="16" y="{(_TOP + bottom) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {(_TOP + bottom) / 2})">{escape(up)}</text>',
    ]
    for power in range(low_x, high_x + 1):
        x, _ = place(10**power, 10**low_y)
        parts += (_rule(x, _TOP, x, bottom), _label(x, bottom + 16, 10**power, "middle"))
    for power in range(low_y, high_y + 1):
        _, y = place(10**low_x, 10**power)
        parts += (_rule(_LEFT, y, right, y), _label(_LEFT - 6, y + 4, 10**power, "end"))
    for number, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{right + 12}" y="{_TOP + 16 + 18 * number}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _bounds(values: Sequence[float]) -> tuple[int, int]:
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def _rule(*ends: float) -> str:
    x1, y1, x2, y2 = ends
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _label(x: float, y: float, value: float, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{value:g}</text>'
