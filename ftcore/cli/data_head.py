"""`ftcore data head`: shows the first rows of a spec's data as the network will see them."""

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ftcore.cli.options import JsonOption, OverridesOption, SpecArgument

if TYPE_CHECKING:
    from ftcore.runs import FirstRows

EXAMPLES = """
Examples:

ftcore data head task.yaml

ftcore data head task.yaml --split test --rows 10 --set data.delimiter="';'"
"""
LONGEST = 300
"""Characters of a value, or of a sequence's tokens, that are printed."""


def command(
    spec: SpecArgument,
    split: Annotated[
        Literal["train", "validation", "test"], typer.Option("--split", help="The split whose file is shown.")
    ] = "train",
    rows: Annotated[int, typer.Option("--rows", min=1, help="Number of rows.")] = 3,
    overrides: OverridesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the first rows of the data as the network will see them; nothing is trained.

    Print which columns are read and which are ignored; for each row its place, its values, its tokens, whether it is
    cut to max_length, or why it is a bad row.
    """
    from ftcore.cli.progress import observer
    from ftcore.runs import first_rows
    from ftcore.spec import load_spec

    found = first_rows(load_spec(spec, overrides or ()), spec.parent, observer(), split, rows)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), indent=2, ensure_ascii=False, default=str))
        return
    _print(found)


def _print(found: "FirstRows") -> None:
    typer.echo(f"data      {found.name}")
    typer.echo(
        f"columns   {', '.join(own if own == name else f'{own}: {name}' for own, name in found.columns.items())}"
    )
    typer.echo(f"ignored   {', '.join(found.ignored) or 'none'}")
    for row in found.rows:
        typer.echo(row.place)
        for name, value in () if row.problem else row.values.items():
            typer.echo(f"  {name:<16}{_shown(value)}")
        for name, sequences in row.tokens.items():
            for sequence in sequences:
                typer.echo(f"  {name:<16}{_shown(' '.join(sequence))}")
        if row.cut is not None:
            typer.echo(f"  {'cut':<16}{row.cut}")
        if row.problem is not None:
            typer.echo(f"  {'bad row':<16}{row.problem}")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    line = text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}... ({len(text):,} characters)"
