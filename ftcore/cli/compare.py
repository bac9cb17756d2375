"""`ftcore compare`: runs one spec on several backends and compares the runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from ftcore.cli.options import OutputFolderOption, OverridesOption, SpecArgument

if TYPE_CHECKING:
    from ftcore.comparison import Comparison

EXAMPLES = """
Examples:

ftcore compare examples/quickstart.yaml --backends torch,tf

ftcore compare task.yaml --backends torch,tf --set training.epochs=1
"""


def command(
    spec: SpecArgument,
    backends: Annotated[
        str,
        typer.Option(
            "--backends", metavar="A,B", help="Two or more backends, separated by commas; the first is the reference."
        ),
    ],
    output: OutputFolderOption = None,
    overrides: OverridesOption = None,
) -> None:
    """Fine-tune on several backends, each in its own process, and show whether the runs agree.

    Write comparison.json and report.html. The exit code is 1 if the runs differ.
    """
    from ftcore import library

    names = [name.strip() for name in backends.split(",") if name.strip()]
    comparison = library.compare(spec, names, output, overrides or ())
    _print_table(comparison)
    typer.echo(comparison.verdict)
    typer.echo(f"report: {comparison.report}")
    raise typer.Exit(comparison.exit_code)


def _print_table(comparison: "Comparison") -> None:
    from ftcore.cli.tables import print_table

    if not comparison.table:
        return
    first = comparison.table[0]
    print_table(
        ["method", "backend", f"{first.split} {first.metric}", "seconds", ""],
        [
            [row.name, row.backend or "", f"{row.value:.4f}", f"{row.seconds:.1f}", row.detail]
            for row in comparison.table
        ],
    )
