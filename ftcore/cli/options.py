"""Arguments and options that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ftcore.errors import SpecError
from ftcore.formats import StreamFormat

SpecArgument = Annotated[Path, typer.Argument(metavar="SPEC", help="The task spec, a YAML file.", show_default=False)]
ModelArgument = Annotated[
    str, typer.Argument(metavar="RUN|MODEL", help="A run folder, or a fine-tuned model's folder.", show_default=False)
]
DataOption = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="FILE|-",
        help="csv, tsv, jsonl, json, conll (also .gz, .bz2, .zst), parquet, arrow, xlsx, sqlite, a pattern, a saved "
        "datasets folder, a hub name; - for standard input.",
        show_default=False,
    ),
]
BackendOption = Annotated[
    str | None,
    typer.Option("--backend", metavar="NAME", help="A registered backend; optional if only one is installed."),
]
DeviceOption = Annotated[
    str, typer.Option("--device", metavar="NAME", help="auto, cpu, or a device of the backend such as cuda.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="CPU threads; default: all cores.", show_default=False)
]
OverridesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Replace a field of the spec, with the value in YAML; can be repeated. If the field excludes another one "
        "(training.epochs, training.max_steps), it replaces that one too.",
        show_default=False,
    ),
]
OutputFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="FOLDER", help="The folder to create; default: one under runs/.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
InputFormatOption = Annotated[StreamFormat, typer.Option("--input-format", help="The format of standard input.")]
ReadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="FIELD=VALUE",
        help="How the file is read where it differs from the training data: encoding, delimiter, quoting, header, "
        "decimal, sheet or query, as in the spec's data; can be repeated.",
        show_default=False,
    ),
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--keep", metavar="COLUMN", help="A column to copy to the output; can be repeated.", show_default=False
    ),
]

WORDS: dict[str, object] = {"true": True, "false": False, "\\t": "\t"}
"""Values that a command line has no other way to give."""


def fields_of(given: Sequence[str] | None) -> dict[str, object]:
    """Return the fields that --read gives, each as FIELD=VALUE.

    Raises:
        SpecError: one is not of this form.
    """
    found: dict[str, object] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise SpecError(f"--read {text}: write it as field=value, such as --read encoding=cp1252")
        found[name.strip()] = WORDS.get(value, value)
    return found
