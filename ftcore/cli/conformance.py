"""`ftcore conformance`: a backend measured against the contract."""

from typing import Annotated

import typer

from ftcore.cli.options import JsonOption

EXAMPLES = """
Examples:

ftcore conformance --backend torch

ftcore conformance --backend tf --json > conformance.json
"""


def command(
    backend: Annotated[
        str, typer.Option("--backend", metavar="NAME", help="A registered backend.", show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    """Run the contract's suite on a backend and print each measured error beside its bound.

    The exit code is 1 where one is out of bounds.
    """
    from ftcore.cli.tables import print_table
    from ftcore.conformance.suite import run_suite

    report = run_suite(backend)
    if as_json:
        typer.echo(report.to_json())
        raise typer.Exit(report.exit_code)
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    typer.echo(f"backend {report.backend} ({versions}); references: {report.references}")
    print_table(
        ["rung", "case", "precision", "mode", "error", "bound", ""],
        [
            [row.rung, row.case, row.precision, row.mode, f"{row.error:.1e}", f"{row.bound:.0e}", _verdict(row.passed)]
            for row in report.rows
        ],
    )
    typer.echo(f"{len(report.rows)} measurements, {len(report.failures)} out of bounds")
    raise typer.Exit(report.exit_code)


def _verdict(passed: bool) -> str:
    return "passed" if passed else "FAILED"
