"""`ftcore bench`: compares the training speed and memory of several programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ftcore.bench import Results

EXAMPLES = """
Examples:

ftcore bench suite.yaml --output results.json --page speed.md

ftcore bench suite.yaml --only 'ftcore torch' --rounds 1

ftcore bench suite.yaml --allow-code

ftcore bench results.json --page speed.md
"""


def command(
    suite: Annotated[
        Path,
        typer.Argument(
            metavar="SUITE",
            help="A suite file, or a results file (.json) from which to rewrite the page.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE.json",
            help="The results file; default: a new name under runs/.",
            show_default=False,
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE.md", help="Write a page, and its chart as FILE.svg beside it.", show_default=False
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Measure only this contestant; can be repeated.")
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds", min=1, metavar="N", help="Number of rounds, instead of the suite's.", show_default=False
        ),
    ] = None,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Allow the suite to run its own commands as contestants.")
    ] = False,
) -> None:
    """Train a few steps with each contestant of a suite, in new processes and in alternating order.

    Print speed, memory, the fraction of the machine's matrix-multiply rate, and each ratio with its goal.
    """
    from ftcore.bench import Results, load_suite, run_suite, select, write_page

    if suite.suffix == ".json":
        results = Results.read(suite)
    else:
        chosen, place = select(load_suite(suite), only or [], rounds), output or _free(suite.stem)
        results = run_suite(suite, chosen, place, allow_code, lambda text: typer.echo(text, err=True))
        typer.echo(f"results: {place}", err=True)
    _print(results)
    if page is not None:
        write_page(results, page)
        typer.echo(f"page: {page}", err=True)


def _free(name: str) -> Path:
    number = 1
    while (place := Path("runs") / f"bench-{name}{'' if number == 1 else f'-{number}'}.json").exists():
        number += 1
    return place


def _print(results: "Results") -> None:
    from ftcore.bench import figures, shown, verdicts
    from ftcore.cli.tables import print_table
    from ftcore.report import size

    rows = [
        [
            item.contestant,
            shown(item.examples_per_second),
            shown(item.limit_share, ".2f"),
            f"{item.seconds_to_first_step.median:.1f} s",
            size(item.peak_anonymous_memory_bytes.median),
        ]
        for item in figures(results)
    ]
    print_table(["contestant", "examples/s", "of the limit", "first step", "anonymous memory"], rows)
    for judged in verdicts(results):
        goal = "" if judged.goal is None else f", goal {judged.goal:g}: {'met' if judged.met else 'not met'}"
        typer.echo(f"{judged.what}: {shown(judged.found, '.3g')}{goal}")
