"""Writes a results file as a page with Markdown tables and an SVG."""

from collections.abc import Sequence
from pathlib import Path

from ftcore.bench.chart import bar_chart
from ftcore.bench.results import Results
from ftcore.bench.summary import Figures, Spread, Verdict, figures, verdicts
from ftcore.files import write_text
from ftcore.report import size

HOW = (
    "In each round every contestant runs in a fresh process; the order alternates. A figure is the median over the "
    "steps after warm-up, then over rounds, with the smallest and the largest round in brackets. A ratio or a share "
    "of the limit is computed within each round first. The column of all steps divides the examples of all measured "
    "steps by their seconds, so it includes rare slow steps."
)
LIMIT = (
    "The limit is the best matrix-multiply rate in float32 that NumPy or a framework reached on the model's own shapes "
    "in the same round. The work is counted for real tokens only, and only as far as the result needs it, forward and "
    "backward."
)


def write_page(results: Results, path: Path) -> None:
    """Write the page of a suite, and its chart in the same folder."""
    chart = path.with_suffix(".svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(chart, examples_chart(results))
    write_text(path, f"# {_title(results)}\n\nWritten by `ftcore bench`.\n\n{section(results, chart.name)}")


def section(results: Results, chart: str) -> str:
    """Return the body of the page; `chart` is the path of the SVG relative to the page."""
    found = figures(results)
    parts = [
        about(results),
        f"{HOW}\n\n![examples per second]({chart})",
        table(
            ["contestant", "examples/s", "all steps", "real tokens/s", "slots per real token", "first step"],
            map(_speed, found),
        ),
        f"{LIMIT} {_rates(results)}",
        table(
            ["contestant", "GFLOP/s on real tokens", "share of the limit", "peak memory", "anonymous"],
            map(_work, found),
        ),
    ]
    judged = verdicts(results)
    if judged:
        parts.append(table(["what", "measured", "goal", ""], map(_judged, judged)))
    parts.append(f"Versions: {_versions(results)}.")
    return "\n\n".join(parts) + "\n"


def examples_chart(results: Results) -> str:
    """Return the SVG: examples per second of every contestant."""
    return bar_chart("examples per second", [(item.contestant, item.examples_per_second) for item in figures(results)])


def about(results: Results) -> str:
    """Return a sentence with the measured training, the machine and the date."""
    suite, machine = results.suite, results.machine
    settings = f" with `{'`, `'.join(suite.overrides)}`" if suite.overrides else ""
    rounds, threads = _counted(len(results.rounds), "round"), _counted(suite.threads, "thread")
    return (
        f"`{Path(suite.spec).name}`{settings}; {suite.steps} steps after {suite.warmup} of warm-up, {rounds}, "
        f"{threads}. {machine['processor']}, {machine['cores']} cores, {size(machine['memory_bytes'])}, "
        f"{machine['platform']}, Python {machine['python']}, {machine['date'][:10]}."
    )


def table(header: Sequence[str], rows: "Sequence[Sequence[str]] | map[list[str]]") -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def shown(found: Spread | None, digits: str = ",.1f", scale: float = 1.0) -> str:
    """Return "median (low to high)", or "not counted"."""
    if found is None:
        return "not counted"
    median, low, high = (format(value * scale, digits) for value in (found.median, found.low, found.high))
    return f"{median} ({low} to {high})"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _title(results: Results) -> str:
    return results.suite.title or results.name


def _speed(found: Figures) -> list[str]:
    return [
        found.contestant,
        shown(found.examples_per_second),
        shown(found.total_examples_per_second),
        shown(found.tokens_per_second, ",.0f"),
        "no tokens" if found.padding is None else f"{found.padding:.2f}",
        f"{shown(found.seconds_to_first_step, '.1f')} s",
    ]


def _work(found: Figures) -> list[str]:
    return [
        found.contestant,
        shown(found.flops_per_second, ".2f", 1e-9),
        shown(found.limit_share, ".2f"),
        size(found.peak_memory_bytes.median),
        size(found.peak_anonymous_memory_bytes.median),
    ]


def _judged(found: Verdict) -> list[str]:
    digits = ".2f" if found.found.high > 0.01 else ".1e"
    goal = "" if found.goal is None else f"{found.goal:g}"
    return [found.what, shown(found.found, digits), goal, {None: "", True: "met", False: "not met"}[found.met]]


def _rates(results: Results) -> str:
    best = {
        name: max(rate for done in results.rounds for rate in done.matmul[name].values())
        for name in results.rounds[0].matmul
    }
    return "Best of all rounds: " + ", ".join(f"{name} {rate / 1e9:.1f} GFLOP/s" for name, rate in best.items()) + "."


def _versions(results: Results) -> str:
    found: dict[str, str] = {}
    for measurement in results.rounds[0].measurements.values():
        found |= measurement.packages
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))
