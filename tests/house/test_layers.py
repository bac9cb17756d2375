"""Checks that packages import only lower packages, by their `__init__`, and that backends import the contract."""

import pytest
from layers import LAYERS, Fault, House
from sources import ROOT, Source, sources

FILES = sources()
HOUSE = House(FILES)


def found(kind: str) -> dict[tuple[str, str], list[str]]:
    """Return where each pair of packages has a fault."""
    places: dict[tuple[str, str], list[str]] = {}
    for source in FILES:
        for fault in HOUSE.faults(source):
            if fault.kind == kind:
                places.setdefault((fault.importer, fault.imported), []).append(f"{source.place}:{fault.line}")
    return places


def test_every_package_and_module_has_its_layer() -> None:
    there = {
        path.stem for path in (ROOT / "ftcore").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__", "__main__"} == set(LAYERS)
    assert len(LAYERS) == len(set(LAYERS))


@pytest.mark.parametrize("kind", ["upward", "face", "backend"])
def test_imports_are_allowed(kind: str) -> None:
    assert found(kind) == {}


@pytest.mark.parametrize("package", sorted(HOUSE.faces))
def test_a_face_exports_what_is_there(package: str) -> None:
    for name in HOUSE.faces[package]:
        exec(f"from {package} import {name}")


def faults_of(text: str, module: str = "ftcore.data.rows_of_a_test") -> list[tuple[str, str]]:
    return [(fault.kind, fault.imported) for fault in HOUSE.faults(Source(module, text))]


@pytest.mark.parametrize(
    "text",
    [
        "from ftcore.runs import binding",
        "import ftcore.runs.binding",
        "def late():\n    from ftcore.runs.binding import bind",
        "def late():\n    import ftcore.runs.binding",
        "from ..runs.binding import bind",
        "from .. import runs",
        "from importlib import import_module\nimport_module('ftcore.runs.binding')",
        "if other:\n    from ftcore.runs.binding import bind",
        "import typing\nif typing.TYPE_CHECKING:\n    pass\nelse:\n    from ftcore.runs.binding import bind",
    ],
)
def test_an_upward_import_is_caught(text: str) -> None:
    assert ("upward", "runs") in faults_of(text)


def test_the_public_names_are_for_users() -> None:
    assert faults_of("from ftcore import TaskSpec") == [("upward", "ftcore")]


@pytest.mark.parametrize(
    "text",
    [
        "from ftcore.files.whole import new_file",
        "from ftcore.files import whole",
        "import ftcore.files.whole",
        "from ..files.whole import new_file",
        "from ftcore.files import not_exported",
        "def late():\n    from ftcore.contract.network.head import Head",
    ],
)
def test_an_import_past_a_face_is_caught(text: str) -> None:
    assert [kind for kind, _ in faults_of(text)] == ["face"]


@pytest.mark.parametrize(
    "text",
    [
        "from ftcore.files import new_file",
        "from ftcore.contract import discovery, seeds",
        "from ftcore.contract.seeds import generator",
        "from ftcore.contract.network import Head",
        "from ftcore.errors import DataError",
        "from ftcore.data.batches import Batching",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ftcore.runs.binding import bind",
        "from .batches import Batching",
        "import numpy as np",
    ],
)
def test_what_is_allowed_is_no_fault(text: str) -> None:
    assert faults_of(text) == []


def test_a_backend_imports_the_contract_alone() -> None:
    text = "from ftcore.contract import Batch\nfrom ftcore.errors import ModelError\nfrom ftcore.files import read_json"
    assert HOUSE.faults(Source("ftcore_torch.new", text)) == [Fault("backend", "ftcore_torch", "files", 3)]


def test_the_references_import_conformance_too() -> None:
    text = (
        "from ftcore.conformance.families import Variant\nfrom ftcore.contract import Batch\nfrom ftcore import models"
    )
    assert HOUSE.faults(Source("ftcore_references.new", text)) == [Fault("backend", "ftcore_references", "models", 3)]
    assert HOUSE.faults(Source("ftcore_torch.new", text))[0] == Fault("backend", "ftcore_torch", "conformance", 1)
