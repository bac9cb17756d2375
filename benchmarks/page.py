"""Write docs/speed.md and its charts from the files in results/; `make bench` ends with it.

python benchmarks/page.py
"""

from pathlib import Path
from typing import Any

from lengths import TOKENS

from ftcore.bench.page import about, examples_chart, section, shown, table
from ftcore.bench.results import Results
from ftcore.bench.summary import figures
from ftcore.files import read_json, write_text
from ftcore.report.numbers import rate, seconds, size

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results", HERE.parent / "docs" / "speed.md"
SUITES = ("banking77-speed", "banking77-curves")


def main() -> None:
    parts = ["# Speed and memory", "Written by `make bench` (`python benchmarks/page.py`) from benchmarks/results."]
    parts += [suite(name) for name in SUITES if (RESULTS / f"{name}.json").is_file()]
    if (RESULTS / "lengths.json").is_file():
        parts.append(lengths(read_json(RESULTS / "lengths.json")))
    if (RESULTS / "profile.json").is_file():
        parts.append(profile(read_json(RESULTS / "profile.json")))
    if (RESULTS / "modes.json").is_file():
        parts.append(modes(Results.read(RESULTS / "modes.json")))
    if (RESULTS / "rows.json").is_file():
        parts.append(rows(read_json(RESULTS / "rows.json")))
    if len(parts) == 2:
        raise SystemExit(f"{RESULTS} holds no results yet: see make bench")
    write_text(PAGE, "\n\n".join(part.strip() for part in parts) + "\n")
    print(PAGE)


def suite(name: str) -> str:
    results = Results.read(RESULTS / f"{name}.json")
    chart = f"speed-{name}.svg"
    write_text(PAGE.parent / chart, examples_chart(results))
    command = f"`ftcore bench benchmarks/suites/{name}.yaml`"
    return f"## {results.suite.title}\n\n{command}\n\n{section(results, chart)}"


def profile(content: dict[str, Any]) -> str:
    parts = [
        "## Where the time of a step goes\n\n`python benchmarks/step_profile.py`, on the batches of the speed suite: "
        "each operation's own time as a share of the time of all operations."
    ]
    for backend, found in content["backends"].items():
        lines = [[operation, f"{share:.3f}"] for operation, share in found["operations"]]
        parts.append(f"{backend}: matrix products {found['products']:.2f}\n\n{table(['operation', 'share'], lines)}")
    return "\n\n".join(parts)


def modes(results: Results) -> str:
    chart = "speed-modes.svg"
    write_text(PAGE.parent / chart, examples_chart(results))
    return (
        "## Ways of compiling a step\n\n`python benchmarks/modes.py`: all texts have one length, so every step has "
        "one shape and is compiled once. XLA compiles again for each new shape, and packed rows have many shapes, so a "
        "real run does not gain what this table shows: backend.tf.xla and backend.torch.compile are off by default."
        f"\n\n{section(results, chart)}"
    )


def lengths(content: dict[str, Any]) -> str:
    found = {int(length): Results.from_json(item, "lengths.json") for length, item in content.items()}
    lines = [
        [
            str(length),
            item.contestant,
            shown(item.tokens_per_second, ",.0f"),
            shown(item.limit_share, ".2f"),
            size(item.peak_anonymous_memory_bytes.median),
        ]
        for length, results in sorted(found.items())
        for item in figures(results)
    ]
    header = ["tokens per text", "contestant", "tokens/s", "share of the limit", "peak anonymous memory"]
    return (
        "## From 32 to 512 tokens\n\n`python benchmarks/lengths.py`: all texts have one length, so nothing is "
        f"padded; a step has {TOKENS:,} tokens.\n\n{about(next(iter(found.values())))}\n\n{table(header, lines)}"
    )


def rows(content: dict[str, Any]) -> str:
    lines = [
        [
            f"{row['rows']:,}",
            "from the cache" if row["cached"] else "first time",
            seconds(row["seconds_to_read"]),
            rate(row["batched_examples_per_second"]),
            size(row["peak_anonymous_memory_bytes"]),
            size(row["peak_memory_bytes"]),
        ]
        for row in content["rows"]
    ]
    header = ["rows", "", "read and tokenize", "batched examples/s", "peak anonymous memory", "peak resident"]
    trained = ", ".join(f"{size(peak)} at {int(count):,} rows" for count, peak in content["trained"].items())
    ratio, goal = content["memory_ratio"], content["goal"]
    verdict = f"{ratio:.2f} times (goal at most {goal:g}: {'met' if ratio <= goal else 'not met'})"
    return (
        "## From 1,000 to 1,000,000 rows\n\n`python benchmarks/rows.py`: generated rows of 4 to 12 words are read, "
        "checked and tokenized, then 300 batches are packed. Each line has a fresh process without a framework. "
        f"Resident memory includes the mapped token files.\n\n{table(header, lines)}\n\nA run on PyTorch, with "
        f"tokenizing and a few steps, has a peak anonymous memory of {trained}: {verdict}."
    )


if __name__ == "__main__":
    main()
