"""Draws horizontal bars as an SVG file for light and dark pages."""

from collections.abc import Sequence
from html import escape

from ftcore.bench.summary import Spread

LABELS, BARS, VALUES, ROW, TOP = 260, 360, 120, 26, 34
"""Widths of the three columns, height of a row, and top of the first row, in pixels."""
STYLE = (
    "text{font:13px sans-serif;fill:#222}.bar{fill:#3b76b0}.spread{stroke:#222;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.bar{fill:#6ba3d6}.spread{stroke:#ddd}}"
)


def bar_chart(title: str, bars: Sequence[tuple[str, Spread]]) -> str:
    """Return an SVG with one bar per label: its length is the median, and the line across its end the spread."""
    longest = max(found.high for _, found in bars) or 1.0
    height = TOP + ROW * len(bars) + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + BARS + VALUES}" height="{height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<text x="{LABELS}" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for place, (label, found) in enumerate(bars):
        lines += _bar(TOP + ROW * place, label, found, BARS / longest)
    return "\n".join([*lines, "</svg>", ""])


def _bar(top: int, label: str, found: Spread, scale: float) -> list[str]:
    middle = top + ROW // 2 - 2
    low, high = LABELS + found.low * scale, LABELS + found.high * scale
    return [
        f'<text x="{LABELS - 8}" y="{middle + 5}" text-anchor="end">{escape(label)}</text>',
        f'<rect class="bar" x="{LABELS}" y="{top}" width="{found.median * scale:.1f}" height="{ROW - 6}"/>',
        f'<line class="spread" x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>',
        f'<text x="{high + 8:.1f}" y="{middle + 5}">{found.median:,.1f}</text>',
    ]
