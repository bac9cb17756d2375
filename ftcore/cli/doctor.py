"""`ftcore doctor`: shows what this machine and its backends can do."""

import json
import os
import platform
from typing import Annotated, Any

import typer

from ftcore.cli.options import JsonOption

EXAMPLES = """
Examples:

ftcore doctor

ftcore doctor --semantics

ftcore doctor --semantics --markdown > docs/semantics.md
"""

HEADER = ["subject", "framework's default", "ftcore's contract", "why"]


def command(
    semantics: Annotated[
        bool, typer.Option("--semantics", help="Print every framework default that ftcore overrides.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print --semantics as Markdown.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show Python, the machine, and each registered backend: versions, devices, precisions and options."""
    from ftcore.cli.inspection import inspect
    from ftcore.contract import discovery as backend

    if markdown and not semantics:
        raise typer.BadParameter("--markdown needs --semantics")
    found = inspect(backend.names())
    if as_json:
        typer.echo(json.dumps(_machine() | {"backends": found}, indent=2))
    elif markdown:
        _markdown(found)
    elif semantics:
        _semantics(found)
    else:
        _overview(_machine(), found)


def _machine() -> dict[str, Any]:
    import importlib.metadata

    import psutil

    return {
        "ftcore": importlib.metadata.version("ftcore"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _overview(machine: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    for name, value in machine.items():
        shown = f"{value / 2**30:.1f} GiB" if name == "memory_bytes" else value
        typer.echo(f"{name.removesuffix('_bytes'):<12}{shown}")
    if not found:
        typer.echo("no backend is registered: install ftcore, or a package with a backend")
    for name, info in found.items():
        typer.echo(f"\nbackend {name}")
        for label, text in _about(info).items():
            typer.echo(f"  {label:<12}{text}")


def _about(info: dict[str, Any]) -> dict[str, str]:
    if "problem" in info:
        return {"not usable": info["problem"]}
    return {
        "versions": ", ".join(f"{package} {version}" for package, version in info["versions"].items()),
        "devices": ", ".join(info["devices"]),
        "precisions": ", ".join(info["precisions"]),
        "options": ", ".join(f"{option}: {json.dumps(value)}" for option, value in info["options"].items()) or "none",
        "step modes": ", ".join(info["step_modes"]),
    }


def _rows(info: dict[str, Any]) -> list[list[str]]:
    return [
        [override["subject"], override["framework_default"], override["contract"], override["why"]]
        for override in info["overrides"]
    ]


def _semantics(found: dict[str, dict[str, Any]]) -> None:
    from ftcore.cli.tables import print_table

    for name, info in found.items():
        typer.echo(f"backend {name}")
        if "problem" in info:
            typer.echo(f"not usable: {info['problem']}")
        else:
            print_table(HEADER, _rows(info))


def _markdown(found: dict[str, dict[str, Any]]) -> None:
    from ftcore.cli.tables import print_markdown

    typer.echo("# Framework defaults that ftcore overrides")
    typer.echo("\nWritten by `ftcore doctor --semantics --markdown` from the code.")
    for name, info in found.items():
        typer.echo(f"\n## {name}\n")
        if "problem" in info:
            typer.echo(f"Not usable here: {info['problem']}")
        else:
            print_markdown(HEADER, _rows(info))
