"""The entry point of the command line: registers the commands, and turns every error into one line and an exit code.

Exit codes: 0 success; 1 a negative result (runs that differ, a backend that does not conform), a bug in ftcore, or
a closed output pipe; 2 an error that the user can fix; 130 interrupted.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from ftcore.cli import (
    bench,
    compare,
    conformance,
    data_head,
    diff,
    doctor,
    evaluate,
    features,
    predict,
    run,
    spec_check,
    spec_schema,
)
from ftcore.errors import FtcoreError

MENDABLE, FAULT, UNREAD, INTERRUPTED = 2, 1, 1, 130
DEBUG = "--debug"

_UsageError = typer.BadParameter.__bases__[0]

EXAMPLES = """
Examples:

ftcore spec check task.yaml

ftcore run task.yaml --backend torch

ftcore compare task.yaml --backends torch,tf

ftcore predict runs/task-torch --data new.jsonl
"""

app = typer.Typer(
    name="ftcore",
    help="Fine-tuning that gives the same run on PyTorch and on TensorFlow, and proves it.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
spec_app = typer.Typer(help="Check a task spec without training, or print its JSON Schema.", no_args_is_help=True)
data_app = typer.Typer(help="Look at the data of a task spec.", no_args_is_help=True)

for _module, _name in (
    (run, "run"),
    (compare, "compare"),
    (evaluate, "evaluate"),
    (predict, "predict"),
    (features, "features"),
    (conformance, "conformance"),
    (diff, "diff"),
    (doctor, "doctor"),
    (bench, "bench"),
):
    app.command(_name, epilog=_module.EXAMPLES)(_module.command)
spec_app.command("check", epilog=spec_check.EXAMPLES)(spec_check.command)
spec_app.command("schema", epilog=spec_schema.EXAMPLES)(spec_schema.command)
app.add_typer(spec_app, name="spec")
data_app.command("head", epilog=data_head.EXAMPLES)(data_head.command)
app.add_typer(data_app, name="data")


def _print_version(asked: bool) -> None:
    if asked:
        import importlib.metadata

        typer.echo(f"ftcore {importlib.metadata.version('ftcore')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option(DEBUG, help="Print a traceback with every error.")] = False,
) -> None:
    """Handle the options before a command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; None means the arguments of the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in given
    words = [word for word in given if word != DEBUG]
    try:
        code = app(args=words, prog_name="ftcore", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:
        # The reader closed the pipe, as `| head` does. Typer exits with the same code when it notices first.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _report(error)


def _report(error: Exception) -> int:
    """Print one line for each mistake and return the exit code."""
    if isinstance(error, FtcoreError):
        _print(str(error).splitlines() or [type(error).__name__])
        return int(getattr(error, "exit_code", MENDABLE))
    if isinstance(error, _UsageError):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "ftcore"
        message = " ".join(str(getattr(error, "format_message", error.__str__)()).split()).rstrip(".")
        # Without a command, the help was printed already.
        _print([f"{message} (see {command} --help)"] if message else [])
        return MENDABLE
    reason = " ".join(str(error).split())
    _print([f"{type(error).__name__}: {reason} (unexpected: run again with {DEBUG} to see where)"])
    return FAULT


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(f"error: {line}", err=True)
