"""What cannot be compared is one line that says why, before anything is computed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftcore.cli.main import main
from ftcore.contract import Batch
from ftcore.difference import diff
from ftcore.difference.batch import drawn_batch
from ftcore.difference.heads import choose_head
from ftcore.difference.process import compute_apart
from ftcore.difference.request import Request
from ftcore.errors import FtcoreError
from ftcore.helpers.processes import ChildError
from tests import tiny

BACKENDS = ["torch", "tf"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"num_hidden_layers": 3}, "blocks is 2 and 3"),
        (
            {"hidden_size": 32},
            "hidden is 16 and 32, attention.channels is 8 and 16, attention.scale is 0.3535533905932738 and 0.25",
        ),
        ({"vocab_size": 40, "intermediate_size": 8}, "vocabulary is 23 and 40, feed_forward.intermediate is 32 and 8"),
    ],
)
def test_another_architecture(checkpoint: Path, tmp_path: Path, fields: dict[str, int], message: str) -> None:
    other = tiny.write_model(tmp_path / "other", **fields)
    with pytest.raises(FtcoreError) as error:
        diff([str(checkpoint), str(other)], BACKENDS)
    assert str(error.value).endswith(f"so their blocks cannot be compared: {message}")
    assert str(other) in str(error.value)


def test_another_family(checkpoint: Path, copy: Any) -> None:
    with pytest.raises(FtcoreError, match=r"different architectures.*model_type is bert and electra"):
        diff([str(checkpoint), str(copy(model_type="electra", embedding_size=16))], BACKENDS)


@pytest.mark.parametrize(
    ("backends", "message"),
    [
        (["torch", "tff"], "there is no backend 'tff' (did you mean tf?)"),
        (["torch"], "on torch is one network: give two different backends with --backends, or a second model"),
        (["torch", "torch"], "on torch is one network"),
        (["torch", "tf", "tf"], "given 1 models and the backends torch, tf, tf"),
        ([], "one model needs two backends to compare: choose them with --backends tf,torch"),
    ],
)
def test_backends_that_make_no_pair(checkpoint: Path, backends: list[str], message: str) -> None:
    with pytest.raises(FtcoreError) as error:
        diff([str(checkpoint)], backends)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_precision(checkpoint: Path) -> None:
    with pytest.raises(FtcoreError, match=r"unknown precision 'bfloat16'.*allowed: float32, float64"):
        diff([str(checkpoint)], BACKENDS, precision="bfloat16")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere-at-all", "--backends", "torch,tf"], "there is no folder"),
        (["a", "--backends", "torch,tf", "--backend", "tf"], "give --backend or --backends, not both"),
    ],
)
def test_the_command_line_says_it_in_one_line(
    arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *arguments]) == 2
    answer = capfd.readouterr()
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line.startswith("error: ")
    assert message in line


@pytest.fixture
def request_of(checkpoint: Path) -> tuple[Request, Batch]:
    choice, plans = choose_head([checkpoint], 0)
    batch = drawn_batch(plans[0].network, choice.loss_definition(), 0)
    return Request(str(checkpoint), BACKENDS[0], choice, "float32", 0), batch


def test_a_child_process_says_an_error_in_one_line(
    request_of: tuple[Request, Batch], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    request, batch = request_of
    with pytest.raises(ChildError) as error:
        compute_apart(tmp_path, [replace(request, folder=str(tmp_path))], batch)
    assert error.value.exit_code == 2
    assert str(error.value).startswith(f"{tmp_path}: is not a model folder: it has no config.json")
    assert capfd.readouterr().err.splitlines() == ["== computing on torch"]


def test_a_fault_in_a_child_process_is_shown_whole(
    request_of: tuple[Request, Batch], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    request, batch = request_of
    with pytest.raises(ChildError) as error:
        compute_apart(tmp_path, [replace(request, head=replace(request.head, loss="no such loss"))], batch)
    assert error.value.exit_code == 1
    assert str(error.value) == "computing on torch failed (exit code 1): see its message above"
    assert capfd.readouterr().err.splitlines()[-1] == "KeyError: 'no such loss'"
