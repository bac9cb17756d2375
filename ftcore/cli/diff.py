"""`ftcore diff`: finds where two networks differ."""

from typing import TYPE_CHECKING, Annotated

import typer

from ftcore.cli.options import JsonOption

if TYPE_CHECKING:
    from ftcore.difference import Difference, PlaceDifference

EXAMPLES = """
Examples:

ftcore diff bert-folder --backends torch,tf

ftcore diff checkpoint converted --backend tf

ftcore diff checkpoint converted --backends torch,tf --precision float64
"""


def command(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A folder, a hub id, package:IMPORT_NAME/FOLDER, or a run folder.", show_default=False
        ),
    ],
    other: Annotated[
        str | None,
        typer.Argument(metavar="OTHER", help="A second model of the same architecture.", show_default=False),
    ] = None,
    backends: Annotated[
        str | None,
        typer.Option(
            "--backends",
            metavar="A,B",
            help="The backend of each network, separated by a comma; the first network is the reference.",
            show_default=False,
        ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option("--backend", metavar="NAME", help="One backend for both models; default: the first installed."),
    ] = None,
    precision: Annotated[
        str, typer.Option("--precision", help="float32, or float64, in which only real differences remain.")
    ] = "float32",
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of the tokens, the labels, and a head if there is none.")
    ] = 0,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="FILE", help="Use the first texts of this file instead of random tokens."),
    ] = None,
    text_column: Annotated[
        str, typer.Option("--text-column", metavar="NAME", help="The column of the file that holds the texts.")
    ] = "text",
    as_json: JsonOption = False,
) -> None:
    """Compute one batch with two networks and name the first block and parameter that differ.

    Compare one model on two backends, or two models. The exit code is 1 if they differ.
    """
    from ftcore.difference import diff

    if backend is not None and backends is not None:
        raise typer.BadParameter("give --backend or --backends, not both")
    models = [model] if other is None else [model, other]
    names = [name.strip() for name in (backends or backend or "").split(",") if name.strip()]
    found = diff(models, names, precision, seed, data, text_column)
    if as_json:
        typer.echo(found.to_json())
    else:
        _print(found)
    raise typer.Exit(found.exit_code)


def _print(found: "Difference") -> None:
    from ftcore.cli.tables import print_table
    from ftcore.difference import value_summary

    for network in found.networks:
        versions = ", ".join(f"{package} {version}" for package, version in network.versions.items())
        typer.echo(f"{network.model} on {network.backend} ({versions})")
    typer.echo(f"{found.precision}; batch: {found.batch}")
    typer.echo(f"head: {found.head}")
    for name, (one, other) in found.settings.items():
        typer.echo(f"setting: {name} is {one} and {other}")
    if found.values is not None:
        typer.echo(f"parameters: {value_summary(found.values, found.parameters)}")
    print_table(
        ["place", "output", "bound", "gradient", "bound", "of", ""],
        [_cells(found, row) for row in found.rows],
    )
    typer.echo(found.verdict)


def _cells(found: "Difference", row: "PlaceDifference") -> list[str]:
    gradient = ["", "", ""]
    if row.worst is not None:
        gradient = [f"{row.worst.error:.1e}", f"{found.bounds.gradient:.0e}", row.worst.path]
    return [row.place, f"{row.output:.1e}", f"{found.bounds.outputs:.0e}", *gradient, _verdict(found, row)]


def _verdict(found: "Difference", row: "PlaceDifference") -> str:
    if not found.output_agrees(row):
        return "output parts"
    return "agrees" if found.gradients_agree(row) else "gradients part"
