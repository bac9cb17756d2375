"""A spec written out with every default reads back equal, wherever it lies."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ftcore.contract import discovery as backend
from ftcore.contract.losses import LOSSES
from ftcore.contract.optimizers import OPTIMIZERS, SCHEDULES
from ftcore.data.forms import PAIR, ROW_COLUMNS
from ftcore.inputs.arrays import Arrays
from ftcore.spec.earlier import VERSION
from ftcore.spec.reading import load_spec, read_spec
from ftcore.spec.task_spec import TaskSpec
from ftcore.spec.writing import dump_spec, spec_sha256
from ftcore.tasks import TASKS
from ftcore.text import TokenizerTraining
from ftcore.text.predicate_mark import PREDICATE_MARKS

NOWHERE = Path("no-such-folder")
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
positive = st.floats(1e-12, 1e6)
counts = st.integers(1, 10**6)
unit = st.floats(0, 1, exclude_max=True)


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a mapping with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def weights() -> st.SearchStrategy[Any]:
    return (
        st.none() | st.just("balanced") | st.dictionaries(words, positive, max_size=3) | st.lists(positive, max_size=3)
    )


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "learning_rate": positive,
    "momentum": st.floats(0.1, 0.9),
    "nesterov": st.booleans(),
    "weight_decay": unit,
    "decay_biases_and_norms": st.booleans(),
    "beta1": unit,
    "beta2": unit,
    "epsilon": positive,
    "label_smoothing": unit,
    "class_weights": weights(),
    "positive_weights": weights(),
    "delta": positive,
    "scale": positive,
    "margin": positive,
    "distance": st.sampled_from(["euclidean", "cosine"]),
    "score_at_zero": st.floats(-5, 0),
    "score_at_one": st.floats(1, 5),
    "power": positive,
    "end_factor": unit,
}


def choice(name: str, definition: type) -> st.SearchStrategy[Any]:
    """Draw a choice by name, or with values for its own fields."""
    names = [item.name for item in dataclasses.fields(definition)]
    missing = [field for field in names if field not in FIELDS]
    assert not missing, f"add values for {', '.join(missing)} of {definition.__name__} to FIELDS in {__file__}"
    fields = {field: FIELDS[field] for field in names}
    return st.just(name) | st.fixed_dictionaries({"name": st.just(name)}, optional=fields).filter(
        lambda value: not value.get("nesterov") or "momentum" in value
    )


def warmed(value: Any, warmup: dict[str, Any]) -> Any:
    return {"name": value, **warmup} if isinstance(value, str) else {**value, **warmup}


schedules = st.builds(
    warmed,
    st.sampled_from(sorted(SCHEDULES)).flatmap(lambda name: choice(name, SCHEDULES[name])),
    st.just({}) | maybe(warmup_steps=st.integers(0, 10**6)) | maybe(warmup_ratio=st.floats(0, 1)),
)
tokenizers = words | st.fixed_dictionaries({"train": st.just("bpe")}, optional={"vocabulary": st.integers(262, 10**6)})
scratch = st.fixed_dictionaries({"architecture": words}, optional={"tokenizer": tokenizers})
part = st.fixed_dictionaries({"pretrained": words}, optional={"revision": words, "tokenizer": tokenizers}) | (
    st.fixed_dictionaries({"from_scratch": words}, optional={"tokenizer": tokenizers})
)
two_parts = st.fixed_dictionaries(
    {"encoder": part, "decoder": part},
    optional={"dropout": unit, "cross_attention": st.sampled_from(["drawn", "copied"])},
).filter(lambda model: model.get("cross_attention") != "copied" or "pretrained" in model["decoder"])
networks = st.builds(
    lambda source, rest: {**source, **rest},
    st.fixed_dictionaries({"pretrained": words}) | st.fixed_dictionaries({"from_scratch": scratch}),
    maybe(
        revision=words,
        weights=words,
        pooling=st.sampled_from(["pooler", "cls", "mean", "max", "last"]),
        normalize=st.booleans(),
        dropout=unit,
        trainable=st.sampled_from(["all", "head"]) | st.lists(words, min_size=1, max_size=3),
        replace_head=st.booleans(),
    ),
)
trainings = st.builds(
    lambda length, rest: {**length, **rest},
    st.just({}) | maybe(epochs=positive) | maybe(max_steps=counts),
    maybe(
        batch_size=st.integers(8, 512),
        micro_batch_size=st.integers(1, 8),
        batching=st.sampled_from(["packed", "sorted", "padded"]) | st.none(),
        clip_norm=positive | st.none(),
        evaluate_every=st.just("epoch") | counts,
        checkpoint_every=counts,
        keep=st.sampled_from(["best", "last"]),
        seed=st.integers(0, 2**64),
        early_stopping=st.none() | maybe(patience=counts, min_delta=unit),
    ),
)
files = words | st.lists(words, min_size=1, max_size=3)
values = words | st.integers(-(10**6), 10**6) | st.booleans()
conditions = st.fixed_dictionaries({"column": words, "is": values | st.lists(values, min_size=1, max_size=3)})
DATA: dict[str, st.SearchStrategy[Any]] = {
    "max_length": st.integers(2, 512),
    "label_subwords": st.sampled_from(["first", "all"]),
    "overlap": st.integers(0, 64) | st.none(),
    "mark_predicate": st.sampled_from(PREDICATE_MARKS),
    "target_max_length": st.integers(2, 512) | st.none(),
    "source_prefix": words,
    "source_language": words | st.none(),
    "target_language": words | st.none(),
    "separator": words,
    "metric_language": st.sampled_from([None, "zh", "characters"]),
    "answer_pattern": st.sampled_from([None, "####", r"(\d+)$"]),
    "masked_share": st.floats(0.01, 0.99),
    "label_separator": words,
    "label_form": st.sampled_from(["names", None]),
    "stride": st.integers(0, 100),
    "n_best": st.integers(1, 50),
    "max_answer_length": st.integers(1, 50),
    "null_threshold": st.floats(-9, 9),
    "encoding": st.sampled_from(["auto", "cp1252", "latin-1", "utf-16"]),
    "delimiter": st.sampled_from(["auto", ",", ";", "\t", "|", "#", "'"]),
    "quoting": st.sampled_from(["auto", "standard", "none"]),
    "header": st.booleans(),
    "decimal": st.sampled_from([".", ","]),
    "sheet": words | st.none(),
    "query": words | st.none(),
    "where": conditions | st.lists(conditions, max_size=2),
}
"""The fields of `data` that only some tasks have, beside `pair`, whose values are not the same in all of them."""
generations = maybe(max_new_tokens=st.integers(8, 64), no_repeat_ngram=st.integers(0, 4)) | st.fixed_dictionaries(
    {"method": st.just("beam")},
    optional={"beams": st.integers(2, 8), "early_stopping": st.sampled_from([True, False, "never"])},
)
outputs = maybe(dtype=st.sampled_from(["float32", "bfloat16"]))


@st.composite
def specs(draw: st.DrawFn) -> TaskSpec:
    task = TASKS[draw(st.sampled_from(sorted(TASKS)))]
    of_data, of_model = task.data_class.model_fields, task.model_class.model_fields
    loss = draw(st.sampled_from([loss.name for loss in task.target.losses]))
    data = {"train": draw(files), "validation": draw(files | st.floats(0.01, 0.4))}
    data |= draw(maybe(test=files | st.floats(0.01, 0.4), on_bad_row=st.sampled_from(["stop", "skip"])))
    data |= draw(maybe(split_duplicates=st.sampled_from(["together", "apart", None])))
    if isinstance(task.input, Arrays):
        data.pop("on_bad_row", None)
    of_task = {name: values for name, values in DATA.items() if name in of_data}
    if "stride" in of_data:
        of_task["max_length"] = st.integers(200, 512)
    data |= draw(maybe(**of_task))
    if "pair" in of_data:
        data |= draw(maybe(pair=st.sampled_from(get_args(of_data["pair"].annotation))))
    columns = PAIR if PAIR in task.input.forms else next(iter(task.input.forms), ())
    target = (task.target.column,) if task.target.column else ()
    data |= draw(maybe(columns=st.fixed_dictionaries(dict.fromkeys((*columns, *target, *ROW_COLUMNS), words))))
    optimizer = draw(st.sampled_from(sorted(OPTIMIZERS)))
    given_parts = draw(
        maybe(
            loss=choice(loss, LOSSES[loss]),
            optimizer=choice(optimizer, OPTIMIZERS[optimizer]),
            schedule=schedules,
            training=trainings,
            precision=st.sampled_from(["float32", "float64", "bfloat16", "float16"]),
            device=words,
            threads=counts,
            output=outputs,
            compare=maybe(baselines=st.lists(st.sampled_from(["majority", "frozen", "scratch"]))),
            backend=st.dictionaries(
                st.sampled_from(backend.names()),
                st.dictionaries(words, st.none() | st.booleans() | st.integers() | unit | words, max_size=2),
            ),
        )
    )
    if any(one.couples_examples for one in task.target.losses):  # the default one too, where none is given
        training = given_parts.get("training", {})
        whole = {name: value for name, value in training.items() if name not in ("micro_batch_size", "batching")}
        given_parts = {**given_parts, "training": whole}
    model = draw(two_parts | networks if "encoder" in of_model else networks)
    model = {name: value for name, value in model.items() if name in of_model}
    if "labels" not in of_data and isinstance(given_parts.get("loss"), dict):
        given_parts["loss"] = {name: value for name, value in given_parts["loss"].items() if name != "class_weights"}
    if task.target.writes:
        given_parts |= draw(maybe(generation=generations))
    return TaskSpec.model_validate({"task": task.name, "model": model, "data": data, **given_parts})


SPEC = read_spec("task: text-classification\nmodel: {pretrained: m}\ndata: {train: t}\n", "t.yaml")


@settings(deadline=None, max_examples=60)
@given(specs())
@example(SPEC.model_copy(update={"device": "\x85\u2028\u2029\r\n\t"}))
@pytest.mark.slow
def test_a_spec_with_every_default_written_out_reads_back_equal(spec: TaskSpec) -> None:
    text = dump_spec(spec, NOWHERE, NOWHERE)
    assert read_spec(text, "t.yaml") == spec.model_copy(update={"version": VERSION})
    assert set(yaml.safe_load(text)) == set(type(spec).model_fields)
    assert spec_sha256(read_spec(text, "t.yaml")) == spec_sha256(spec)


@settings(deadline=None, max_examples=60)
@given(specs())
@example(SPEC.model_copy(update={"device": "\x85\u2028\u2029\r\n\t"}))
def test_a_spec_reads_alike_for_every_reader_of_yaml(spec: TaskSpec) -> None:
    assert yaml.safe_load(dump_spec(spec, NOWHERE, NOWHERE)) == {**spec.model_dump(mode="json"), "version": VERSION}


def test_the_default_batching_is_written_as_null_and_read_back() -> None:
    text = dump_spec(SPEC, NOWHERE, NOWHERE)
    assert yaml.safe_load(text)["training"]["batching"] is None
    assert read_spec(text, "t.yaml").training.batching is None
    chosen = SPEC.model_copy(update={"training": SPEC.training.model_copy(update={"batching": "sorted"})})
    assert read_spec(dump_spec(chosen, NOWHERE, NOWHERE), "t.yaml").training.batching == "sorted"
    assert spec_sha256(chosen) != spec_sha256(SPEC)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "model").mkdir(parents=True)
    for name in ("train.jsonl", "test.jsonl", "net.pth"):
        (folder / name).write_text("{}")
    return folder


def test_paths_are_moved_and_names_are_not(base: Path) -> None:
    text = f"""\
task: text-classification
model: {{pretrained: model, weights: net.pth}}
data: {{train: train.jsonl, validation: a/hub-name, test: {base / "test.jsonl"}}}
output: {{folder: here}}
"""
    run = base.parent / "runs" / "one"
    run.mkdir(parents=True)
    (run / "spec.yaml").write_text(dump_spec(read_spec(text, "t.yaml"), base, run), encoding="utf-8")
    moved = load_spec(run / "spec.yaml")
    assert moved.model.pretrained == "../../project/model"
    assert moved.model.weights == "../../project/net.pth"
    assert moved.data.train == "../../project/train.jsonl"
    assert (run / moved.data.train).is_file()
    assert moved.data.validation == "a/hub-name"
    assert moved.data.test == str(base / "test.jsonl")
    assert moved.output.folder is None


def test_the_paths_of_both_parts_are_moved(base: Path) -> None:
    parts = "{encoder: {pretrained: model, tokenizer: model}, decoder: {from_scratch: model, tokenizer: {train: bpe}}}"
    text = f"task: translation\nmodel: {parts}\ndata: {{train: train.jsonl}}\n"
    run = base.parent / "runs" / "one"
    run.mkdir(parents=True)
    (run / "spec.yaml").write_text(dump_spec(read_spec(text, "t.yaml"), base, run), encoding="utf-8")
    model = load_spec(run / "spec.yaml").model
    assert model.encoder is not None
    assert model.decoder is not None
    moved = "../../project/model"
    assert (model.encoder.pretrained, model.encoder.tokenizer, model.decoder.from_scratch) == (moved, moved, moved)
    assert model.decoder.tokenizer == TokenizerTraining(train="bpe", vocabulary=8000)


def test_the_hash_tells_specs_apart_and_not_their_writing() -> None:
    short = "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t}\n"
    hashes = [
        spec_sha256(read_spec(text, "t.yaml"))
        for text in (
            short,
            f"training: {{epochs: 3}}\n{short}",
            f"{short}optimizer: {{name: adamw}}",
            f"{short}threads: 2",
        )
    ]
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]
    assert len(hashes[0]) == len(hashlib.sha256().hexdigest())
