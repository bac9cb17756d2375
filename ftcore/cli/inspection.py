"""Reads each backend's information in its own process, because two frameworks in one process are fragile."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ftcore.contract import discovery as backends
from ftcore.errors import BackendError
from ftcore.helpers import Ended, captured_together, code_command

_CODE = "import sys; from ftcore.cli.inspection import print_info; print_info(sys.argv[1])"


def inspect(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return each backend's BackendInfo as a mapping, or {"problem": why it cannot be used}."""
    commands = {name: code_command(_CODE, name) for name in names}
    return {name: _answer(child) for name, child in captured_together(commands, {"TF_CPP_MIN_LOG_LEVEL": "3"}).items()}


def print_info(name: str) -> None:
    """Print a backend's BackendInfo as one line of JSON; the child process runs this."""
    try:
        content = asdict(backends.load(name).info())
    except BackendError as error:
        content = {"problem": str(error)}
    print(json.dumps(content, default=str))


def _answer(child: Ended) -> dict[str, Any]:
    lines = child.output.strip().splitlines()
    if child.returncode == 0 and lines:
        content: dict[str, Any] = json.loads(lines[-1])
        return content
    return {"problem": f"its framework does not start: {child.reason}"}
