"""The stored references: small, and what a backend on transformers gives in a child process."""

import subprocess
import sys

import pytest

from ftcore.conformance.bert import CASES, CURVE
from ftcore.conformance.measure import worst
from ftcore.conformance.references import STORED, references_for, stored
from ftcore.contract import discovery as backends

ON_TRANSFORMERS = "torch"
OTHERS = [name for name in backends.names() if name != ON_TRANSFORMERS]


def test_the_stored_arrays_are_small_and_say_their_versions() -> None:
    assert STORED.stat().st_size <= 150_000
    assert "transformers 5" in stored().origin


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_a_child_process_gives_the_stored_numbers(name) -> None:
    found = references_for(name)
    assert "child process" in found.origin
    assert found.arrays.keys() == stored().arrays.keys()
    noise = {f"{case.name}/gradient/{name}" for case in CASES for name in case.zero_gradients}
    noise |= {f"{CURVE.name}/final/{name}" for name in CURVE.zero_gradients}
    kept = stored().arrays.keys() - noise
    key, error = worst({key: found[key] for key in kept}, {key: stored()[key] for key in kept})
    assert error <= 1e-10, key


@pytest.mark.slow
def test_the_backend_on_transformers_is_held_to_the_stored_arrays() -> None:
    assert references_for(ON_TRANSFORMERS).origin.startswith("stored arrays")


def test_an_unknown_backend_is_one_line_and_no_file(tmp_path) -> None:
    command = [sys.executable, "-m", "ftcore.conformance.references", "--output", str(tmp_path / "r.npz")]
    child = subprocess.run([*command, "--backend", "nothing"], capture_output=True, text=True)
    assert child.returncode == 2
    assert child.stderr.startswith("there is no backend 'nothing'")
    assert len(child.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
