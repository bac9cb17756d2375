"""What a backend says of itself, asked in a process of its own: two frameworks in one process are fragile."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ftcore.contract import discovery as backends
from ftcore.errors import BackendError

_CODE = "import sys; from ftcore.cli.inspection import describe; describe(sys.argv[1])"


def inspect(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return each backend's BackendInfo as a mapping, or {"problem": why it cannot be used}."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    children = {
        name: subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _CODE, name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in names
    }
    return {name: _answer(child) for name, child in children.items()}


def describe(name: str) -> None:
    """Print a backend's description as one line of JSON; the child's part."""
    try:
        content = asdict(backends.load(name).info())
    except BackendError as error:
        content = {"problem": str(error)}
    print(json.dumps(content, default=str))


def _answer(child: "subprocess.Popen[str]") -> dict[str, Any]:
    output, errors = child.communicate()
    lines = output.strip().splitlines()
    if child.returncode == 0 and lines:
        content: dict[str, Any] = json.loads(lines[-1])
        return content
    reason = (errors.strip().splitlines() or [f"exit code {child.returncode}"])[-1]
    return {"problem": f"its framework does not start: {reason}"}
