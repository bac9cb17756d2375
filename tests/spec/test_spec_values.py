"""What a right spec reads as: numbers, defaults, choices, anchors."""

from pathlib import Path

import pytest

from ftcore.errors import SpecError
from ftcore.spec.reading import load_spec, read_spec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import TASKS

GOOD = "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t.jsonl}\n"


def read(text: str) -> TaskSpec:
    return read_spec(GOOD + text, "t.yaml")


@pytest.mark.parametrize(
    ("written", "number"),
    [("2e-4", 2e-4), ("2E-4", 2e-4), ("1e5", 1e5), (".5", 0.5), ("3.", 3.0), ("1", 1.0), ("+1.5e+1", 15.0)],
)
def test_every_way_to_write_a_number_is_a_number(written: str, number: float) -> None:
    assert read(f"optimizer: {{learning_rate: {written}}}").optimizer.learning_rate == number


@pytest.mark.parametrize("word", ["no", "on", "yes", "off", "12:30", "2024-01-01", "0x1F", "010", "1_000"])
def test_words_that_yaml_1_1_reads_as_something_else_are_text(word: str) -> None:
    assert read(f"device: {word}").device == word


def test_labels_may_be_integers() -> None:
    spec = read_spec(GOOD.replace("t.jsonl", "t.jsonl, labels: [0, 1, 2]"), "t.yaml")
    assert spec.data.labels == ["0", "1", "2"]


def test_class_weights_may_be_keyed_by_integers() -> None:
    assert dict(read("loss: {class_weights: {0: 1, 1: 2.5}}").loss)["class_weights"] == {"0": 1.0, "1": 2.5}


@pytest.mark.parametrize("task", list(TASKS))
def test_the_task_fills_in_its_loss(task: str) -> None:
    spec = read_spec(f"task: {task}\nmodel: {{pretrained: m}}\ndata: {{train: t}}\n", "t.yaml")
    assert spec.loss.name == TASKS[task].target.losses[0].name


def test_a_choice_without_a_name_is_the_default_one() -> None:
    spec = read("optimizer: {weight_decay: 0.5}\nschedule: {warmup_steps: 7}\nloss: {label_smoothing: 0.1}")
    assert (spec.optimizer.name, spec.schedule.name, spec.loss.name) == ("adamw", "linear", "cross-entropy")
    assert (spec.schedule.warmup_steps, dict(spec.loss)["label_smoothing"]) == (7, 0.1)


def test_epochs_are_three_where_nothing_is_said_and_none_beside_steps() -> None:
    assert read("").training.epochs == 3.0
    assert read("training: {max_steps: 5}").training.epochs is None


def test_anchors_and_merges_are_read() -> None:
    spec = read("compare: {baselines: &kinds [majority]}\noptimizer: {learning_rate: &rate 0.5, epsilon: *rate}")
    assert (spec.optimizer.learning_rate, dict(spec.optimizer)["epsilon"]) == (0.5, 0.5)
    assert spec.compare.baselines == ["majority"]
    schedule = read("schedule: {<<: {warmup_steps: 3, name: cosine}, name: constant}").schedule
    assert (schedule.name, schedule.warmup_steps) == ("constant", 3)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_spec(path).task == "text-classification"


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(GOOD.encode() + b"device: caf\xe9\n")
    with pytest.raises(SpecError, match=r"t\.yaml:4: not UTF-8 text \(byte 0xe9\)$"):
        load_spec(path)


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_file_that_cannot_be_read_is_a_spec_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError, match=r"the spec cannot be read: (No such file|Is a directory)"):
        load_spec(tmp_path / name)
