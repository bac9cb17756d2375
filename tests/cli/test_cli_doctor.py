"""What doctor says of this machine, of each backend, and of what each overrides."""

import json
from typing import Any

import pytest

from ftcore.cli import inspection
from ftcore.cli.inspection import inspect
from ftcore.contract import discovery as backend


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    return inspect(backend.names())


def test_every_registered_backend_is_asked(found: dict[str, dict[str, Any]]) -> None:
    assert list(found) == backend.names()
    for name, info in found.items():
        assert info["name"] == name
        assert "float32" in info["precisions"]
        assert info["versions"]
        assert info["overrides"]


def test_a_backend_that_is_not_there_is_told_in_one_line() -> None:
    problem = inspect(["nonesuch"])["nonesuch"]["problem"]
    assert problem.startswith("there is no backend 'nonesuch'")
    assert "\n" not in problem


@pytest.fixture
def asked(found: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Let the command have the answers that are here already: a framework takes seconds to start."""
    monkeypatch.setattr(inspection, "inspect", lambda names: {name: found[name] for name in names})
    return found


def test_doctor_shows_the_machine_and_the_backends(ftcore: Any, asked: dict[str, dict[str, Any]]) -> None:
    answer = ftcore("doctor")
    assert answer.code == 0
    assert answer.err == ""
    assert {"ftcore", "python", "platform", "cores", "memory"} <= {
        line.partition(" ")[0] for line in answer.out.split("\n")
    }
    for name, info in asked.items():
        assert f"\nbackend {name}\n" in answer.out
        for package, version in info["versions"].items():
            assert f"{package} {version}" in answer.out


@pytest.mark.slow
def test_doctor_gives_json(ftcore: Any, found: dict[str, dict[str, Any]]) -> None:
    content = json.loads(ftcore("doctor", "--json").out)
    assert content["cores"] >= 1
    assert content["backends"] == found


@pytest.mark.parametrize("form", [[], ["--markdown"]])
def test_the_semantics_table_has_every_override(form: list[str], ftcore: Any, asked: dict[str, dict[str, Any]]) -> None:
    out = ftcore("doctor", "--semantics", *form).out
    overrides = [override for info in asked.values() for override in info["overrides"]]
    assert len(overrides) >= 10
    for override in overrides:
        for text in (override["subject"], override["framework_default"], override["contract"], override["why"]):
            assert " ".join(text.split()).replace("|", "\\|" if form else "|") in out


def test_the_markdown_is_a_table(ftcore: Any, asked: dict[str, dict[str, Any]]) -> None:
    lines = ftcore("doctor", "--semantics", "--markdown").out.splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines if line.startswith("## ")] == [f"## {name}" for name in asked]
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == sum(len(info["overrides"]) + 2 for info in asked.values())
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}
