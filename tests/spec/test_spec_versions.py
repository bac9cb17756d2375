"""Specs that earlier versions wrote, the versions of the form, earlier names of tasks, and what a hash is of.

The folder version_1 holds a spec of each task as the last version that wrote every field in every task did: a spec.yaml
of its run folders.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ftcore.errors import SpecError
from ftcore.spec.earlier import DEFAULTS_OF_1, VERSION
from ftcore.spec.reading import read_spec
from ftcore.spec.task_spec import TaskSpec, spec_class
from ftcore.spec.writing import dump_spec, spec_sha256
from ftcore.tasks import ALIASES, TASKS

OF_1 = {path.stem: path for path in sorted((Path(__file__).parent / "version_1").glob("*.yaml"))}
NOWHERE = Path("no-such-folder")
OTHERS: dict[str, Any] = {
    "data.max_length": 64,
    "data.pair": "separate",
    "data.labels": ["a", "b"],
    "data.overlap": 4,
    "data.label_subwords": "all",
    "data.standardize": True,
    "data.mark_predicate": "segment",
    "data.target_max_length": 64,
    "data.source_prefix": "translate: ",
    "data.source_language": "en_XX",
    "data.target_language": "de_DE",
    "data.separator": " ",
    "data.answer_pattern": "#",
    "data.masked_share": 0.2,
    "model.encoder": {"pretrained": "m"},
    "model.decoder": {"pretrained": "m"},
    "model.cross_attention": "copied",
    "model.module": "net:build",
    "model.tokenizer": "m",
    "model.pooling": "mean",
    "model.normalize": False,
    "model.replace_head": True,
}
"""A value beside the default of version 1, for every field that only some tasks have."""


def short(task: str, more: str = "") -> TaskSpec:
    return read_spec(f"task: {task}\nmodel: {{pretrained: m}}\ndata: {{train: t}}\n{more}", "t.yaml")


def refusal(values: dict[str, Any]) -> str:
    """Return what is said of a spec that is refused."""
    with pytest.raises(SpecError) as caught:
        read_spec(yaml.safe_dump(values), "t.yaml")
    return str(caught.value)


def with_field(values: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    part, _, name = field.partition(".")
    return {**values, part: {**values[part], name: value}}


def foreign(task: str) -> list[str]:
    """Return the fields that only some tasks have, and this one has not."""
    own = TASKS[ALIASES.get(task, task)]
    fields = {"data": own.data_class.model_fields, "model": own.model_class.model_fields}
    return [field for field in OTHERS if field.partition(".")[2] not in fields[field.partition(".")[0]]]


def test_every_task_of_version_1_is_held() -> None:
    assert {ALIASES.get(task, task) for task in OF_1} <= set(TASKS)
    assert len(OF_1) == 14
    assert {".".join(map(str, place)) for place in DEFAULTS_OF_1} == set(OTHERS)


@pytest.mark.parametrize("task", OF_1)
def test_a_spec_of_version_1_reads_as_one_of_now(task: str) -> None:
    text = OF_1[task].read_text("utf-8")
    found, wanted = read_spec(text, "spec.yaml"), short(task)
    assert found == wanted.model_copy(update={"version": 1})
    assert spec_sha256(found) == spec_sha256(wanted)
    assert read_spec(f"version: 1\n{text}", "spec.yaml") == wanted.model_copy(update={"version": 1})


@pytest.mark.parametrize("task", OF_1)
def test_a_field_of_another_task_is_taken_at_its_default_of_version_1_alone(task: str) -> None:
    old = yaml.safe_load(OF_1[task].read_text("utf-8"))
    assert foreign(task)
    for field in foreign(task):
        message = refusal(with_field(old, field, OTHERS[field]))
        assert f"{field}: unknown field in the task {task}, it is one of " in message
        assert "\n" not in message


@pytest.mark.parametrize(
    ("field", "value"), [("data.standardize", 0), ("data.masked_share", "0.15"), ("model.replace_head", "false")]
)
def test_a_value_of_another_kind_is_no_default(field: str, value: Any) -> None:
    old = yaml.safe_load(OF_1["causal-language-modeling"].read_text("utf-8"))
    assert f"{field}: unknown field in the task " in refusal(with_field(old, field, value))


def test_generation_is_taken_at_its_defaults_alone_where_nothing_is_written() -> None:
    old = yaml.safe_load(OF_1["image-classification"].read_text("utf-8"))
    for field, value in {"beams": 5, "method": "beam", "nonesuch": 1}.items():
        message = refusal(with_field(old, f"generation.{field}", value))
        assert (
            message.partition(":")[2]
            .partition(": ")[2]
            .startswith(
                "generation: unknown field in the task image-classification, it is one of causal-language-modeling, "
                "instruction-tuning, summarization and translation; allowed: version, task, model, data, loss, "
            )
        )


@pytest.mark.parametrize("task", OF_1)
def test_the_present_version_takes_no_field_of_another_task(task: str) -> None:
    old = yaml.safe_load(OF_1[task].read_text("utf-8"))
    given = {"version": VERSION, **old}
    lines = refusal(given).splitlines()
    fields = foreign(task)
    if "generation" not in spec_class(task).model_fields:
        fields.append("generation")
    assert {line.split(": ")[1] for line in lines} == set(fields)
    assert all(f": unknown field in the task {task}, it is one of " in line for line in lines)


def test_a_spec_without_a_version_takes_what_a_user_may_have_written() -> None:
    assert short("image-classification", "generation: {}\n").data.train == "t"
    text = "task: image-classification\nmodel: {pretrained: m}\ndata: {train: t, pair: joint}\n"
    assert read_spec(text, "t.yaml") == short("image-classification")
    with pytest.raises(SpecError, match=r"^t\.yaml:4: data\.pair: unknown field in the task image-classification, "):
        read_spec(f"version: 2\n{text}", "t.yaml")
    with pytest.raises(SpecError, match=r"^t\.yaml:3: data\.pair: unknown field in the task image-classification, "):
        read_spec(text.replace("joint", "separate"), "t.yaml")


@pytest.mark.parametrize("version", [VERSION + 1, 99, 0])
def test_a_version_that_is_not_known_is_refused(version: int) -> None:
    given = yaml.safe_dump({"task": "tensors", "model": {"pretrained": "m"}, "data": {"train": "t"}}, sort_keys=False)
    with pytest.raises(SpecError) as caught:
        read_spec(f"version: {version}\n{given}", "t.yaml")
    bounds = f"of at least 1 and of at most {VERSION}"
    assert str(caught.value) == f"t.yaml:1: version: given {version}; allowed: a whole number {bounds} or null"


def test_a_spec_that_is_written_has_the_version() -> None:
    for task in TASKS:
        assert yaml.safe_load(dump_spec(short(task), NOWHERE, NOWHERE))["version"] == VERSION


def test_the_earlier_name_of_a_task_works_and_is_told() -> None:
    assert ALIASES == {"sequence-classification": "series-classification"}
    spec = short("sequence-classification")
    assert spec.task == "series-classification"
    assert spec.notes == ["task: sequence-classification is an earlier name of series-classification: use that one"]
    assert short("series-classification").notes == []
    assert type(spec) is type(short("series-classification"))
    assert yaml.safe_load(dump_spec(spec, NOWHERE, NOWHERE))["task"] == "series-classification"
    assert spec_sha256(spec) == spec_sha256(short("series-classification"))


def test_a_task_that_is_mistyped_is_told_its_present_name() -> None:
    values = {"task": "series-clasification", "model": {"pretrained": "m"}, "data": {"train": "t"}}
    assert "task: given 'series-clasification' (did you mean series-classification?); allowed: " in refusal(values)


@pytest.mark.parametrize(
    "more",
    [
        "version: 2\n",
        "version: 1\n",
        "output: {folder: there}\n",
        "output: {}\n",
        "training: {epochs: 3, seed: 0}\n",
        "loss: cross-entropy\n",
        "loss: {label_smoothing: 0.0}\n",
        "optimizer: {name: adamw, weight_decay: 0.01}\n",
        "schedule: {name: linear, warmup_steps: null}\n",
        "backend: {}\n",
        "threads: null\n",
    ],
)
def test_a_hash_ignores_what_is_a_default_and_where_results_go(more: str) -> None:
    task = "text-classification"
    assert spec_sha256(short(task, more)) == spec_sha256(short(task))


@pytest.mark.parametrize(
    "more",
    [
        "output: {dtype: float16}\n",
        "training: {epochs: 4}\n",
        "training: {seed: 1}\n",
        "loss: {label_smoothing: 0.1}\n",
        "optimizer: adam\n",
        "optimizer: {weight_decay: 0.0}\n",
        "schedule: {warmup_steps: 0}\n",
        "backend: {torch: {compile: true}}\n",
        "precision: float64\n",
        "compare: {baselines: [majority]}\n",
    ],
)
def test_a_hash_is_of_everything_else(more: str) -> None:
    task = "text-classification"
    assert spec_sha256(short(task, more)) != spec_sha256(short(task))
