"""The verdict, in words and as a decision."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from run_folders import lockstep, losses, write_run

from ftcore.comparison.proof import Proof
from ftcore.comparison.records import read_record
from ftcore.comparison.verdict import CURVE_BOUNDS, Verdict, judge
from ftcore.errors import RunError
from ftcore.lockstep import Quantity, Twin
from ftcore.lockstep.bounds import EVALUATION_BOUNDS, STEP_BOUNDS
from ftcore.spec.task_spec import TaskSpec


def verdict(
    folder: Path,
    first: np.ndarray,
    second: np.ndarray,
    precision: str = "float32",
    other: Any = None,
    proof: Proof | None = None,
    **both: Any,
) -> Verdict:
    """Judge two runs, called "one" and "two"; `other` changes the second one's folder only."""
    write_run(folder / "one", "one", first, **both)
    write_run(folder / "two", "two", second, **both | (other or {}))
    records = [read_record(name, folder / name) for name in ("one", "two")]
    return judge(records[0], records[1], precision, proof or Proof(lockstep()))


def test_the_same_run(tmp_path: Path) -> None:
    curve = losses(100)
    second = curve.copy()
    second[41] *= 1 + 3.1e-7
    found = verdict(tmp_path, curve, second)
    assert found.agree
    assert found.sentence == (
        "one and two computed the same run: from the same state both take the same step, at 6 steps in float32 "
        "(gradients within 2.0e-05) and at 2 steps in float64 (gradients within 8.0e-15); they evaluate its result "
        "alike (test: 60 equal predictions); over 100 steps the free-running losses differ by at most 3.1e-07"
    )
    assert found.agreement.largest_at == 42


def test_equal_bits(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(30), losses(30))
    assert found.agree
    assert found.sentence.endswith("over 30 steps the free-running losses are equal to the last bit")


def test_curves_that_leave_each_other_do_not_decide(tmp_path: Path) -> None:
    second = losses(100)
    second[36:] *= 1 + 1e-4
    twin = Twin((1.0,) * 40, (0.0,) * 39 + (2e-5,))
    found = verdict(tmp_path, losses(100), second, proof=Proof(lockstep(), twin))
    assert found.agree
    assert found.sentence.endswith(
        "from step 37 on the free-running losses differ by more than 1e-05 (at most 1.0e-04, at step 70), as one and "
        "its own twin, whose start differs in the last bits, do from step 40 on"
    )
    steady = verdict(tmp_path, losses(100), second, proof=Proof(lockstep(), Twin((1.0,) * 90, (0.0,) * 90)))
    assert steady.agree
    assert "while one and its own twin, whose start differs in the last bits, do not in 90 steps" in steady.sentence


def test_a_step_that_differs_is_named_with_its_quantity_and_a_command(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(60), losses(60), proof=Proof(lockstep(failing=20), None, Path("out/model")))
    assert found.agree is False
    assert found.sentence.startswith(
        "one and two differ at step 20: from the same state, in float32, gradients of layer.weight: 3.0e-02 "
        "(bound 0.0001); 4 steps before it are the same; to find the layer: ftcore diff out/model --backends one,two; "
    )


def test_a_difference_in_float64_alone_decides_too(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(60), losses(60), proof=Proof(lockstep(failing=1, precision="float64")))
    assert found.agree is False
    assert "differ at step 1: from the same state, in float64, gradients" in found.sentence


def test_another_evaluation_of_the_same_parameters_decides(tmp_path: Path) -> None:
    wrong = (Quantity("outputs", 2e-3, 1e-5, "row 7"), Quantity("metrics", 0.0, 1e-6))
    found = verdict(tmp_path, losses(60), losses(60), proof=Proof(lockstep(quantities=wrong)))
    assert found.agree is False
    assert (
        "take the same steps, but evaluate the same parameters differently on test: outputs of row 7: 2.0e-03"
        in found.sentence
    )


def test_equally_good_answers_are_told(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(60), losses(60), proof=Proof(lockstep(differing=1)))
    assert found.agree
    assert "test: 1 of 60 predictions differ, where two answers are equally good" in found.sentence


@pytest.mark.parametrize(
    ("precision", "apart", "together"),
    [
        ("float32", 9e-6, True),
        ("float32", 1.1e-5, False),
        ("float64", 9e-9, True),
        ("float64", 1.1e-8, False),
    ],
)
def test_curves_leave_each_other_at_the_bound_of_the_precision(
    tmp_path: Path, precision: str, apart: float, together: bool
) -> None:
    found = verdict(tmp_path, losses(50), losses(50) * (1 + apart), precision)
    assert (found.agreement.beyond is None) is together


def test_a_run_that_stopped_early_is_told(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(60), losses(60)[:40])
    assert found.agree
    assert found.sentence.endswith(", and one took 60 steps, two 40")


@pytest.mark.parametrize(
    ("other", "subject"),
    [
        ({"environment": {"spec_sha256": "cd" * 32}}, "spec (one: abababababab, two: cdcdcdcdcdcd)"),
        ({"environment": {"weights_sha256": "ef" * 32}}, "initial weights (one: 454545454545, two: efefefefefef)"),
        ({"environment": {"data": {"train.jsonl": "77" * 32}}}, "data (one: "),
        ({"environment": {"seed": 3}}, "seed (one: 0, two: 3)"),
    ],
)
def test_runs_of_different_work_do_not_agree(tmp_path: Path, other: dict[str, Any], subject: str) -> None:
    found = verdict(tmp_path, losses(20), losses(20), other=other)
    assert not found.agree
    assert found.sentence.startswith("one and two did not get the same work: ")
    assert subject in found.sentence


def test_other_batches_are_other_work(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_run(tmp_path / name, name, losses(20))
    path = tmp_path / "two" / "metrics.jsonl"
    path.write_text(path.read_text().replace('"tokens": 507,', '"tokens": 508,'))
    records = [read_record(name, tmp_path / name) for name in ("one", "two")]
    found = judge(records[0], records[1], "float32", Proof(lockstep()))
    assert not found.agree
    assert "examples and tokens of each step (one: 640 examples, 10210 tokens in 20 steps" in found.sentence


def test_a_run_without_steps_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="took no training step"):
        verdict(tmp_path, np.zeros(0), np.zeros(0))


def test_an_unfinished_run_is_an_error(tmp_path: Path) -> None:
    write_run(tmp_path / "one", "one", losses(10))
    (tmp_path / "one" / "result.json").unlink()
    with pytest.raises(RunError, match="no finished run here"):
        read_record("one", tmp_path / "one")


@pytest.mark.parametrize("name", ["environment.json", "spec.yaml", "metrics.jsonl"])
def test_a_run_that_lost_a_file_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "one", "one", losses(10))
    (tmp_path / "one" / name).unlink()
    with pytest.raises(RunError, match=name.replace(".", r"\.")):
        read_record("one", tmp_path / "one")


def test_a_damaged_run_is_an_error_of_one_line(tmp_path: Path) -> None:
    write_run(tmp_path / "one", "one", losses(10))
    (tmp_path / "one" / "metrics.jsonl").write_text('{"event": "train", "step": 1}\n')
    with pytest.raises(RunError, match="is a damaged run"):
        read_record("one", tmp_path / "one")


def test_every_precision_of_a_spec_has_bounds() -> None:
    allowed = set(get_args(TaskSpec.model_fields["precision"].annotation))
    assert set(CURVE_BOUNDS) == set(STEP_BOUNDS) == set(EVALUATION_BOUNDS) == allowed
