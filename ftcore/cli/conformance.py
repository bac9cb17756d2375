"""`ftcore conformance`: measures whether a backend keeps to the contract."""

from typing import TYPE_CHECKING, Annotated

import typer

from ftcore.cli.options import JsonOption

if TYPE_CHECKING:
    from ftcore.conformance import Report

EXAMPLES = """
Examples:

ftcore conformance --backend torch

ftcore conformance --backend tf --json > conformance.json

ftcore conformance --backend tf --family roberta

ftcore conformance --backend tf --rung losses
"""
EVERY = "all"


def command(
    backend: Annotated[
        str, typer.Option("--backend", metavar="NAME", help="A registered backend.", show_default=False)
    ],
    families: Annotated[
        list[str] | None,
        typer.Option(
            "--family",
            metavar="NAME",
            help=f"Measure only this model family, or all families: {EVERY}; can be repeated.",
            show_default=False,
        ),
    ] = None,
    rungs: Annotated[
        list[str] | None,
        typer.Option(
            "--rung",
            metavar="NAME",
            help="Measure only this rung, a name in the first column of the table; can be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the conformance suite on a backend and print each measured error with its bound.

    A table with one line per model family follows. The exit code is 1 if an error is out of bounds or could not be
    measured.
    """
    report = _measured(backend, families, rungs)
    if as_json:
        typer.echo(report.to_json())
        raise typer.Exit(report.exit_code)
    _print(report)
    raise typer.Exit(report.exit_code)


def _measured(backend: str, families: list[str] | None, rungs: list[str] | None) -> "Report":
    from ftcore.conformance import named_rungs, run_families, run_suite
    from ftcore.errors import BackendError

    if families and rungs:
        raise BackendError("--family and --rung exclude each other: give one of them")
    if families:
        return run_families(backend, None if EVERY in families else families)
    return run_suite(backend, rungs=named_rungs(rungs))


def _print(report: "Report") -> None:
    from ftcore.cli.tables import print_table
    from ftcore.conformance import table

    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    references = f"; references: {report.references}" if report.references else ""
    typer.echo(f"backend {report.backend} ({versions}){references}")
    print_table(
        ["rung", "case", "precision", "mode", "error", "bound", ""],
        [
            [row.rung, row.case, row.precision, row.mode, f"{row.error:.1e}", f"{row.bound:.0e}", _verdict(row.passed)]
            for row in report.rows
        ],
    )
    if lines := table.family_lines(report.rows):
        typer.echo(f"\nfamilies against {report.family_references}")
        print_table(table.HEADER, lines)
        if table.has_marks(lines):
            typer.echo(table.LEGEND)
    typer.echo(f"{len(report.rows)} measurements, {len(report.failures)} out of bounds")


def _verdict(passed: bool) -> str:
    return "passed" if passed else "FAILED"
