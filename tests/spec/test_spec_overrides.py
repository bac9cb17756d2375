"""`--set field=value`."""

import pytest

from ftcore.errors import SpecError
from ftcore.spec.reading import read_spec
from ftcore.spec.task_spec import TaskSpec

GOOD = "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t.jsonl}\n"


def read(text: str, *overrides: str) -> TaskSpec:
    return read_spec(GOOD + text, "t.yaml", overrides)


def message(text: str, *overrides: str) -> str:
    with pytest.raises(SpecError) as caught:
        read(text, *overrides)
    return str(caught.value)


def test_values_are_read_as_yaml() -> None:
    spec = read("", "optimizer.learning_rate=2e-4", "data.labels=[yes, no]", "training.clip_norm=null", "device=cpu")
    assert spec.optimizer.learning_rate == 2e-4
    assert spec.data.labels == ["yes", "no"]
    assert spec.training.clip_norm is None
    assert spec.device == "cpu"


def test_a_field_of_a_choice_given_by_its_name_can_be_set() -> None:
    optimizer = read("optimizer: sgd", "optimizer.momentum=0.9").optimizer
    assert (optimizer.name, dict(optimizer)["momentum"]) == ("sgd", 0.9)


def test_a_whole_part_can_be_set() -> None:
    assert read("optimizer: {beta1: 0.5}", "optimizer=sgd").optimizer.name == "sgd"


def test_the_last_of_two_counts() -> None:
    assert read("", "training.seed=1", "training.seed=2").training.seed == 2


@pytest.mark.parametrize(
    ("text", "override", "left"),
    [
        ("training: {epochs: 5}", "training.max_steps=7", ("training", "epochs")),
        ("training: {max_steps: 5}", "training.epochs=7", ("training", "max_steps")),
        ("schedule: {warmup_ratio: 0.1}", "schedule.warmup_steps=7", ("schedule", "warmup_ratio")),
    ],
)
def test_what_is_set_takes_the_place_of_its_alternative(text: str, override: str, left: tuple[str, str]) -> None:
    spec = read(text, override)
    assert getattr(getattr(spec, left[0]), left[1]) is None


def test_from_scratch_takes_the_place_of_pretrained() -> None:
    model = read("", "model.from_scratch.architecture=here").model
    assert model.pretrained is None
    assert model.from_scratch is not None


def test_a_null_takes_no_place() -> None:
    assert read("training: {epochs: 5}", "training.max_steps=null").training.epochs == 5


def test_a_wrong_override_is_told_by_its_own_words() -> None:
    assert message("", "training.max_step=3").startswith(
        "--set training.max_step=3: unknown field (did you mean max_steps?); allowed: epochs, max_steps,"
    )
    assert message("precision: float32", "precision=float31") == (
        "--set precision=float31: given 'float31' (did you mean float32?); "
        "allowed: float32, float64, bfloat16 or float16"
    )
    assert message("", "optimizer={name: sgd, momentum: 2}") == (
        "--set optimizer={name: sgd, momentum: 2}: optimizer.momentum: "
        "given 2; allowed: a number of at least 0 and below 1"
    )
    assert message("", "training.epochs=1", "training.max_steps=1") == (
        "--set training.max_steps=1: give epochs or max_steps, not both"
    )


def test_an_override_of_a_part_does_not_take_the_blame_of_the_file() -> None:
    assert message("training: {batch_size: 0}", "training.seed=3").startswith("t.yaml:4: training.batch_size: given 0")


@pytest.mark.parametrize("text", ["training.seed", "=3", "training..seed=3", ""])
def test_what_is_no_override_says_how_to_write_one(text: str) -> None:
    assert message("", text) == f"--set {text}: write it as field=value, such as --set training.max_steps=100"


def test_an_override_that_is_no_yaml() -> None:
    assert message("", "data.labels=[1").startswith("--set data.labels=[1: not valid YAML: ")
    assert message("", "device=!x 3").startswith("--set device=!x 3: the tag !x is not allowed")


def test_an_override_inside_a_scalar() -> None:
    assert message("precision: float32", "precision.bits=3") == (
        "--set precision.bits=3: precision is 'float32' and has no field 'bits'"
    )


@pytest.mark.parametrize("value", ["#### (\\d+)", "a #b", "{name: a} # b"])
def test_what_yaml_would_take_for_a_comment_is_refused(value: str) -> None:
    expected = f"--set output.folder={value}: YAML reads # as a comment: put the value in inner quotes"
    assert message("", f"output.folder={value}") == expected
    assert read("", f"output.folder='{value}'").output.folder == value
