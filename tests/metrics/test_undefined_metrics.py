"""Metrics of inputs for which they have no value: absent and said, never 0 or 1 by construction."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import f1_score

from ftcore import library
from ftcore.cli.main import main
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.errors import SpecError
from ftcore.evaluation.likelihood import _exponential
from ftcore.inputs import Preparer
from ftcore.loop.progress import Progress
from ftcore.observer import Silent
from ftcore.runs import bind
from ftcore.spec import load_spec
from ftcore.targets import Known
from ftcore.tasks import TASKS
from tests.heard import Heard
from tests.tiny import text, write_task

each_backend = pytest.mark.parametrize("backend", backends.names())


def numbers(predicted: list[float], wanted: list[float]) -> dict[str, float]:
    as_column = (np.array(values, np.float32)[:, None] for values in (predicted, wanted))
    found: dict[str, float] = TASKS["text-regression"].target.metrics(*as_column)  # type: ignore[attr-defined]
    return found


def test_correlations_are_those_of_scipy_where_both_sides_vary() -> None:
    predicted, wanted = [0.5, 0.25, 4.0, 1.0], [1.0, 2.0, 3.0, 0.5]
    found = numbers(predicted, wanted)
    assert found["pearson"] == pytest.approx(pearsonr(predicted, wanted).statistic)
    assert found["spearman"] == pytest.approx(spearmanr(predicted, wanted).statistic)


@pytest.mark.parametrize(("predicted", "wanted"), [([1, 2, 3], [2, 2, 2]), ([2, 2, 2], [1, 2, 3]), ([1], [2])])
def test_a_constant_side_has_errors_but_no_correlation(predicted: list[float], wanted: list[float]) -> None:
    assert set(numbers(predicted, wanted)) == {"mean_squared_error", "mean_absolute_error"}


def label_sets(predicted: list[list[int]], wanted: list[list[int]]) -> dict[str, float]:
    logits, targets = np.array(predicted) * 2.0 - 1.0, np.array(wanted, np.float32)
    found: dict[str, float] = TASKS["multi-label-classification"].target.metrics(logits, targets)  # type: ignore[attr-defined]
    return found


def test_labels_that_no_row_has_do_not_lower_the_f1_of_perfect_predictions() -> None:
    wanted = [[1, 0, 0], [0, 1, 0], [1, 1, 0]]
    assert label_sets(wanted, wanted) == {"micro_f1": 1.0, "macro_f1": 1.0, "exact_match": 1.0}
    predicted = [[1, 0, 1], [0, 1, 0], [1, 1, 0]]
    # The third label is predicted where no row has it: its F1 is 0, and counts.
    assert label_sets(predicted, wanted)["macro_f1"] == pytest.approx(2 / 3)
    assert label_sets(predicted, wanted)["macro_f1"] == pytest.approx(
        f1_score(wanted, predicted, average="macro", zero_division=np.nan)
    )


def test_without_a_positive_label_there_is_no_f1() -> None:
    assert label_sets([[0, 0], [1, 0]], [[0, 0], [0, 0]]) == {"exact_match": 0.5}
    assert label_sets([[0], [0]], [[0], [0]]) == {"exact_match": 1.0}


def test_roles_without_spans_have_only_the_figures_that_are_defined() -> None:
    from ftcore.data import WordValues

    labels, target = ["O", "B-A", "B-B", "B-V"], TASKS["semantic-role-labeling"].target
    counts = np.array([4])
    logits = WordValues(np.eye(4)[[3, 2, 0, 0]], counts)
    wanted = WordValues(np.array([3, 1, 0, 0], np.int32), counts, tuple(labels))
    found = target.detailed_metrics(logits, wanted)  # type: ignore[attr-defined]
    assert found == {
        "span_f1": 0.0,
        "span_precision": 0.0,
        "span_recall": 0.0,
        "f1/A": 0.0,
        "precision/A": 0.0,
        "recall/A": 0.0,
        "spans/A": 1.0,
        "precision/B": 0.0,
        "spans/B": 0.0,
    }
    only_the_predicate = WordValues(np.array([3, 0, 0, 0], np.int32), counts, tuple(labels))
    assert target.metrics(logits, only_the_predicate) == {}  # type: ignore[attr-defined]


def test_a_perplexity_beyond_all_numbers_is_absent() -> None:
    assert _exponential("perplexity", math.log(12.5)) == pytest.approx({"perplexity": 12.5})
    assert _exponential("perplexity", 800.0) == {}


def test_an_undefined_value_of_the_best_metric_is_no_improvement() -> None:
    progress = Progress()
    for step, value in enumerate((None, 0.5, None, 0.4), start=1):
        progress.step = step
        progress.record(value, "max", 0.0)
    assert (progress.best_step, progress.best_value, progress.without_improvement) == (2, 0.5, 2)


def regression(folder: Path, labels: list[float], **changes: Any) -> Path:
    path = write_task(folder, **{"task": "text-regression", "data__labels": None, **changes})
    spec = path.read_text().replace("  labels: null\n", "")
    path.write_text(spec)
    for name, count in (("train", 40), ("validation", len(labels)), ("test", len(labels))):
        values = labels if name != "train" else [number % 7 for number in range(count)]
        rows = [{"text": text(number), "label": value} for number, value in enumerate(values)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_constant_labels_are_said_before_training_and_the_loss_decides(tmp_path: Path) -> None:
    task, heard = regression(tmp_path, [3.0] * 6), Heard()
    plan = bind(load_spec(task), tmp_path, heard).plan
    assert (plan.best_metric, plan.best_mode) == ("loss", "min")
    assert "validation: pearson is undefined and left out: all labels are the same, or there is one row" in heard.notes
    with pytest.raises(SpecError, match=r"training.best.metric: spearman is undefined on validation: all labels"):
        bind(load_spec(task, ["training.best.metric=spearman"]), tmp_path, Silent())


@pytest.mark.slow
@each_backend
def test_a_run_and_an_evaluation_leave_undefined_metrics_out_and_say_so(
    backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = regression(tmp_path, [3.0] * 6, training__epochs=1)
    run = library.run(task, backend=backend, output=tmp_path / "run")
    assert set(run.metrics["test"]) == {"loss", "mean_squared_error", "mean_absolute_error"}
    assert (
        main(["evaluate", str(run.folder), "--data", str(tmp_path / "test.jsonl"), "--backend", backend, "--json"]) == 0
    )
    out, err = capsys.readouterr()
    assert "pearson" not in json.loads(out)
    assert "test.jsonl: pearson is undefined and left out" in err


def test_predictions_that_leave_a_metric_undefined_are_said() -> None:
    objective = TASKS["text-regression"].target.objective(Known([], CrossEntropy(), Preparer()))
    split = SimpleNamespace(targets=np.array([[1.0], [2.0]], np.float32), words=None)
    notes = objective.notes_of_metrics("test", split, {"loss": 1.0})  # type: ignore[arg-type]
    assert notes == [
        f"test: {name} is undefined and left out: all predictions are the same" for name in ("pearson", "spearman")
    ]
    assert objective.notes_of_metrics("test", split, {"loss": 1.0, "pearson": 0.5, "spearman": 0.5}) == []  # type: ignore[arg-type]


def test_a_split_of_one_label_is_said(tmp_path: Path) -> None:
    task, heard = write_task(tmp_path), Heard()
    rows = [json.dumps({"text": text(number), "label": "thing"}) for number in range(5)]
    (tmp_path / "test.jsonl").write_text("\n".join(rows))
    bind(load_spec(task), tmp_path, heard)
    assert "test: every row has the label 'thing', so its metrics say nothing of the other labels" in heard.notes
