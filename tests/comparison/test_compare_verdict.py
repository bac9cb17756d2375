"""The verdict, in words and as a decision."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from run_folders import losses, spec_values, write_run

from ftcore.comparison.records import read_record
from ftcore.comparison.verdict import Verdict, judge
from ftcore.errors import RunError
from ftcore.spec.task_spec import TaskSpec


def verdict(
    folder: Path, first: np.ndarray, second: np.ndarray, precision: str = "float32", other: Any = None, **both: Any
) -> Verdict:
    """Judge two runs, called "one" and "two"; `other` changes the second one's folder only."""
    write_run(folder / "one", "one", first, **both)
    write_run(folder / "two", "two", second, **both | (other or {}))
    records = [read_record(name, folder / name) for name in ("one", "two")]
    return judge(records[0], records[1], precision)


def test_the_same_run(tmp_path: Path) -> None:
    curve = losses(100)
    second = curve.copy()
    second[41] *= 1 + 3.1e-7
    found = verdict(tmp_path, curve, second)
    assert found.agree
    assert found.sentence == (
        "one and two computed the same run: over 100 steps the losses differ by at most 3.1e-07 (bound 1e-05)"
    )
    assert found.agreement.largest_at == 42


def test_equal_bits(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(30), losses(30))
    assert found.agree
    assert "over 30 steps the losses are equal to the last bit (bound 1e-05)" in found.sentence


def test_runs_that_part(tmp_path: Path) -> None:
    second = losses(100)
    second[4] *= 1 + 2e-6
    second[36:] *= 1 + 1e-4
    found = verdict(tmp_path, losses(100), second)
    assert not found.agree
    assert found.sentence == (
        "one and two differ at step 37: the losses are 0.97984536 and 0.97994334, which differ by 1.0e-04 "
        "(bound 1e-05); before it they agree within 2.0e-06"
    )


def test_parting_at_the_first_step_has_no_before(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(10), losses(10) * 1.01)
    assert "differ at step 1:" in found.sentence
    assert "before" not in found.sentence


@pytest.mark.parametrize(
    ("precision", "apart", "agree"),
    [
        ("float32", 9e-6, True),
        ("float32", 1.1e-5, False),
        ("float64", 9e-9, True),
        ("float64", 1.1e-8, False),
    ],
)
def test_the_bound_is_that_of_the_precision(tmp_path: Path, precision: str, apart: float, agree: bool) -> None:
    assert verdict(tmp_path, losses(50), losses(50) * (1 + apart), precision).agree is agree


def test_later_steps_are_reported_and_do_not_decide(tmp_path: Path) -> None:
    second = losses(150)
    second[149] *= 1 + 4e-3
    found = verdict(tmp_path, losses(150), second)
    assert found.agree
    assert "over the first 100 of 150 steps" in found.sentence
    assert "later, as rounding grows, by up to 4.0e-03 (step 150)" in found.sentence


def test_a_run_that_stopped_early_parts(tmp_path: Path) -> None:
    found = verdict(tmp_path, losses(60), losses(60)[:40])
    assert not found.agree
    assert "differ at step 41: one took 60 steps and two took 40 steps" in found.sentence


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
    found = judge(records[0], records[1], "float32")
    assert not found.agree
    assert "examples and tokens of each step (one: 640 examples, 10210 tokens in 20 steps" in found.sentence


@pytest.mark.parametrize("dropout", [0.0, 0.1, None])
def test_the_losses_decide_whatever_the_dropout_and_the_metrics(tmp_path: Path, dropout: float | None) -> None:
    spec = spec_values(model={"pretrained": "m", "dropout": dropout})
    same_metrics = verdict(tmp_path / "apart", losses(50), losses(50) * (1 + 1.1e-5), spec=spec)
    assert not same_metrics.agree
    assert same_metrics.sentence.startswith("one and two differ at step 1: the losses are ")
    other = {"metrics": {"test": {"accuracy": 0.5}}}
    same_losses = verdict(tmp_path / "equal", losses(50), losses(50), spec=spec, other=other)
    assert same_losses.agree
    assert same_losses.sentence.startswith("one and two computed the same run: over 50 steps")


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


def test_every_precision_of_a_spec_has_a_bound(tmp_path: Path) -> None:
    allowed = get_args(TaskSpec.model_fields["precision"].annotation)
    second = losses(5) * (1 + 1e-3)
    found = {name: verdict(tmp_path / name, losses(5), second, precision=name).agree for name in allowed}
    assert found == {"float32": False, "float64": False, "bfloat16": True, "float16": True}
