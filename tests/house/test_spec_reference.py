"""docs/spec.md: what its generator writes, complete, with links that lead somewhere."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from ftcore.spec.schema import json_schema

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spec.md").read_text()


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("spec_reference")


def test_the_page_is_what_the_generator_writes(reference: ModuleType) -> None:
    assert reference.page(json_schema()) == PAGE, "run: python benchmarks/spec_reference.py"


def test_every_field_of_the_schema_has_a_line() -> None:
    schema = json_schema()
    inline = [part for part in schema["properties"].values() if "properties" in part]
    assert len(inline) == 2
    parts = [schema, *inline, *schema["$defs"].values()]
    wanted = [name for part in parts for name in part["properties"]]
    assert sorted(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == sorted(wanted)


def test_every_link_within_the_page_leads_to_a_heading(reference: ModuleType) -> None:
    headings = {reference._anchor(heading) for heading in re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE)}
    links = set(re.findall(r"\(#([^)]*)\)", PAGE))
    assert links
    assert links <= headings


def test_a_field_of_some_tasks_names_them(reference: ModuleType) -> None:
    data = {"properties": {
        "train": {"type": "string", "description": "Rows."},
        "overlap": {"type": "integer", "default": 0, "description": "Shared.", "x-tasks": ["tagging", "answering"]},
    }, "required": ["train"]}  # fmt: skip
    schema = {"properties": {"data": {**data, "description": "Examples."}}, "$defs": {}}
    page = reference.page(schema)
    assert "| field | values | default | meaning | tasks |" in page
    assert "| `train` | text | required | Rows. | every task |" in page
    assert "| `overlap` | integer | `0` | Shared. | tagging, answering |" in page
