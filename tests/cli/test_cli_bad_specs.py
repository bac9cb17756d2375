"""Bad specs through the real command line: exit code 2, a line a mistake, no traceback, nothing written."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftcore.tasks import TASKS

GOOD = "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t.jsonl}\n"
TASKS = ", ".join(TASKS)

BAD = {
    "unknown field": (
        "optimizer: {name: sgd, momentun: 0.9}",
        "4: optimizer.momentun: unknown field (did you mean momentum?); "
        "allowed: name, learning_rate, momentum, nesterov, weight_decay, decay_biases_and_norms",
    ),
    "duplicate key": ("task: text-regression", "4: task: given twice, first in line 1"),
    "tab": ("training:\n\tseed: 1", "5: YAML allows no tab here: indent with spaces"),
    "no YAML": (
        "training: {seed: 1",
        "4: not valid YAML: while parsing a flow mapping expected ',' or '}', but got '<stream end>' (column 19)",
    ),
    "wrong word": ("training: {keep: first}", "4: training.keep: given 'first'; allowed: best or last"),
    "wrong type": ("threads: two", "4: threads: given 'two'; allowed: a whole number of at least 1 or null"),
    "out of range": (
        "schedule: {warmup_ratio: -0.1}",
        "4: schedule.warmup_ratio: given -0.1; allowed: a number of at least 0 and of at most 1 or null",
    ),
    "no fit": ("loss: huber", "4: loss: huber does not fit the task text-classification; allowed: cross-entropy"),
    "two lengths": (
        "training: {epochs: 1, max_steps: 1}",
        "4: training.max_steps: give epochs or max_steps, not both",
    ),
    "two warm-ups": (
        "schedule: {warmup_steps: 1, warmup_ratio: 0.5}",
        "4: schedule.warmup_ratio: give warmup_steps or warmup_ratio, not both",
    ),
    "nesterov alone": (
        "optimizer: {name: sgd, nesterov: true}",
        "4: optimizer.nesterov: nesterov needs momentum: give momentum above 0, such as 0.9",
    ),
    "unknown metric": (
        "training: {best: {metric: accurracy}}",
        "4: training.best.metric: given 'accurracy' (did you mean accuracy?); allowed: loss, accuracy, macro_f1",
    ),
    "micro batch": (
        "training: {micro_batch_size: 33}",
        "4: training.micro_batch_size: given 33; allowed: at most batch_size, which is 32",
    ),
    "python object": (
        "device: !!python/object/apply:os.getcwd x",
        "4: device: the tag !!python/object/apply:os.getcwd is not allowed: "
        "a spec contains only text, numbers, true, false and null",
    ),
    "anchor": ("compare: &a [*a]", "4: an anchor contains itself"),
}


@pytest.mark.parametrize("command", [["spec", "check"], ["run"]])
@pytest.mark.parametrize("kind", list(BAD))
def test_a_bad_spec_is_one_line(kind: str, command: list[str], ftcore: Any, tmp_path: Path, monkeypatch: Any) -> None:
    text, expected = BAD[kind]
    monkeypatch.chdir(tmp_path)
    Path("task.yaml").write_text(GOOD + text)
    answer = ftcore(*command, "task.yaml", *(["--backend", "torch"] if command == ["run"] else []))
    assert answer.code == 2
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line == f"error: task.yaml:{expected}"
    assert [path.name for path in tmp_path.iterdir()] == ["task.yaml"]


def test_every_mistake_is_a_line_of_its_own(ftcore: Any, tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_text(f"{GOOD}precision: float31\nthreads: 0\n")
    answer = ftcore("spec", "check", path)
    assert answer.code == 2
    assert answer.err == (
        f"error: {path}:4: precision: given 'float31' (did you mean float32?); "
        "allowed: float32, float64, bfloat16 or float16\n"
        f"error: {path}:5: threads: given 0; allowed: a whole number of at least 1 or null\n"
    )


def test_a_bad_override_is_one_line(ftcore: Any, tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_text(GOOD)
    answer = ftcore("spec", "check", path, "--set", "training.seed=1", "--set", "optimizer.learning_rate=fast")
    assert answer.code == 2
    assert answer.err == "error: --set optimizer.learning_rate=fast: given 'fast'; allowed: a number above 0\n"


def test_a_bad_spec_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_text("task: text-clasification\n")
    done = subprocess.run(
        [sys.executable, "-m", "ftcore", "spec", "check", "task.yaml"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "error: task.yaml:1: data: required, but not given",
        "error: task.yaml:1: model: required, but not given",
        f"error: task.yaml:1: task: given 'text-clasification' (did you mean text-classification?); allowed: {TASKS}",
    ]
