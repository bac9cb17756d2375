"""How a run's batches lie: packed where the network packs exactly, and never where it does not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftcore.errors import SpecError
from ftcore.models import ModelPlan
from ftcore.observer import Silent
from ftcore.runs import binding, network_source
from ftcore.spec.reading import load_spec
from tests.tiny import write_task


def bound_batching(task: Path, *overrides: str) -> str:
    spec = load_spec(task, overrides)
    return binding.bind(spec, task.parent, Silent()).plan.batching


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"))


@pytest.fixture
def _no_packing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every model an architecture that says that it does not pack."""
    plan_model = network_source.plan_model

    def without(*given: Any, **named: Any) -> ModelPlan:
        plan = plan_model(*given, **named)
        architecture = replace(plan.network.architecture, packs=False)
        return replace(plan, network=replace(plan.network, architecture=architecture))

    monkeypatch.setattr(network_source, "plan_model", without)


def test_a_network_that_packs_is_packed_unless_the_spec_says_otherwise(task: Path) -> None:
    assert bound_batching(task) == "packed"
    assert [bound_batching(task, f"training.batching={name}") for name in ("packed", "sorted", "padded")] == [
        "packed",
        "sorted",
        "padded",
    ]


@pytest.mark.usefixtures("_no_packing")
def test_a_network_that_does_not_pack_is_sorted(task: Path) -> None:
    assert bound_batching(task) == "sorted"
    assert bound_batching(task, "training.batching=padded") == "padded"


@pytest.mark.usefixtures("_no_packing")
def test_packing_is_refused_by_name_where_it_is_not_exact(task: Path) -> None:
    with pytest.raises(SpecError) as raised:
        bound_batching(task, "training.batching=packed")
    assert str(raised.value) == (
        "training.batching: given packed, which is not exact for bert; allowed: sorted, padded"
    )
