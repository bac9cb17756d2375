"""Every command explains itself, with examples."""

from typing import Any

import pytest
import typer

from ftcore.cli.main import app

COMMANDS = {
    *("run", "compare", "evaluate", "predict", "features", "conformance", "diff", "doctor", "bench"),
    *("spec check", "spec schema", "data head"),
}


def _found(group: Any, above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        found |= _found(command, f"{name} ") if hasattr(command, "commands") else {above + name: command}
    return found


FOUND = _found(typer.main.get_command(app))


def test_every_command_is_there() -> None:
    assert set(FOUND) == COMMANDS


@pytest.mark.parametrize("name", sorted(FOUND))
def test_a_command_has_help_with_examples_of_itself(name: str, ftcore: Any) -> None:
    answer = ftcore(*name.split(), "--help")
    assert answer.code == 0
    assert answer.err == ""
    assert f"Usage: ftcore {name}" in answer.out
    assert "Examples:" in answer.out
    assert f"ftcore {name}" in answer.out.partition("Examples:")[2]


@pytest.mark.parametrize("name", sorted(FOUND))
def test_every_option_and_argument_is_explained(name: str) -> None:
    assert [item.name for item in FOUND[name].params if not getattr(item, "help", None)] == []


@pytest.mark.parametrize("name", ["", *sorted(FOUND)])
def test_the_examples_of_a_help_are_not_broken_over_lines(name: str, ftcore: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    examples = ftcore(*name.split(), "--help").out.partition("Examples:")[2]
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    assert [line for line in lines if "ftcore" not in line and "yaml-language-server" not in line] == []


def test_the_overview_lists_the_commands(ftcore: Any) -> None:
    out = ftcore("--help").out
    assert all(f" {name.split()[0]} " in out for name in COMMANDS)
