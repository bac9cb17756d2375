"""Each kind of wrong spec and the exact line that tells what is wrong, what was given and what is allowed."""

import pytest

from ftcore.errors import SpecError
from ftcore.spec.reading import read_spec
from ftcore.tasks import TASKS

GOOD = """\
task: text-classification
model: {pretrained: some-model}
data: {train: train.jsonl}
"""
TOP = (
    "version, task, model, data, loss, optimizer, schedule, training, precision, device, threads, backend, output, "
    "compare"
)
ADAMW = "name, learning_rate, beta1, beta2, epsilon, weight_decay, decay_biases_and_norms"

FIELDS = {
    "unknown field": (
        "optimizer:\n  name: adamw\n  lerning_rate: 2.0e-4\n",
        f"t.yaml:6: optimizer.lerning_rate: unknown field (did you mean learning_rate?); allowed: {ADAMW}",
    ),
    "unknown field of a choice without a name": (
        "optimizer: {bet1: 0.5}",
        f"t.yaml:4: optimizer.bet1: unknown field (did you mean beta1?); allowed: {ADAMW}",
    ),
    "field of another part": (
        "max_steps: 3",
        f"t.yaml:4: max_steps: unknown field (did you mean training.max_steps?); allowed: {TOP}",
    ),
    "unknown choice": (
        "optimizer: adamm",
        "t.yaml:4: optimizer: given 'adamm' (did you mean adam?); allowed: sgd, adam, adamw or a mapping with a name",
    ),
    "no choice at all": (
        "schedule: 3",
        "t.yaml:4: schedule: given 3; allowed: constant, linear, cosine, polynomial or a mapping with a name",
    ),
    "unknown word": (
        "precision: float31",
        "t.yaml:4: precision: given 'float31' (did you mean float32?); allowed: float32, float64, bfloat16 or float16",
    ),
    "number out of range": (
        "training: {batch_size: 0}",
        "t.yaml:4: training.batch_size: given 0; allowed: a whole number of at least 1",
    ),
    "fraction of a whole": (
        "training: {seed: 1.5}",
        "t.yaml:4: training.seed: given 1.5; allowed: a whole number of at least 0",
    ),
    "true is no number": (
        "training: {epochs: true}",
        "t.yaml:4: training.epochs: given true; allowed: a number above 0 or null",
    ),
    "text is no number": (
        "optimizer: {learning_rate: '2e-4'}",
        "t.yaml:4: optimizer.learning_rate: given '2e-4'; allowed: a number above 0",
    ),
    "not finite": (
        "optimizer: {learning_rate: .inf}",
        "t.yaml:4: optimizer.learning_rate: given inf; allowed: a number above 0",
    ),
    "word or number": (
        "training: {evaluate_every: epohc}",
        "t.yaml:4: training.evaluate_every: given 'epohc' (did you mean epoch?); "
        "allowed: epoch or a whole number of at least 1",
    ),
    "unknown batching": (
        "training: {batching: paked}",
        "t.yaml:4: training.batching: given 'paked' (did you mean packed?); allowed: packed, sorted, padded or null",
    ),
    "null where a part belongs": ("training:", "t.yaml:4: training: given null; allowed: a mapping"),
    "text where a part belongs": ("output: runs", "t.yaml:4: output: given 'runs'; allowed: a mapping"),
    "item of a list": (
        "compare: {baselines: [majority, frosen]}",
        "t.yaml:4: compare.baselines[1]: given 'frosen' (did you mean frozen?); allowed: majority, frozen or scratch",
    ),
    "alternatives of different shapes": (
        "loss: {class_weights: balance}",
        "t.yaml:4: loss.class_weights: given 'balance' (did you mean balanced?); "
        "allowed: balanced, a mapping, a list or null",
    ),
    "inside the nearest alternative": (
        "loss: {class_weights: [1, -2.5]}",
        "t.yaml:4: loss.class_weights[1]: given -2.5; allowed: a number of at least 0",
    ),
    "negative warm-up": (
        "schedule: {warmup_steps: -1}",
        "t.yaml:4: schedule.warmup_steps: given -1; allowed: a whole number of at least 0 or null",
    ),
    "warm-up ratio above 1": (
        "schedule: {warmup_ratio: 1.5}",
        "t.yaml:4: schedule.warmup_ratio: given 1.5; allowed: a number of at least 0 and of at most 1 or null",
    ),
}

TOGETHER = {
    "two warm-ups": (
        "schedule: {warmup_steps: 5, warmup_ratio: 0.1}",
        "t.yaml:4: schedule.warmup_ratio: give warmup_steps or warmup_ratio, not both",
    ),
    "two lengths": (
        "training:\n  epochs: 1\n  max_steps: 10",
        "t.yaml:6: training.max_steps: give epochs or max_steps, not both",
    ),
    "nesterov alone": (
        "optimizer: {name: sgd, nesterov: true}",
        "t.yaml:4: optimizer.nesterov: nesterov needs momentum: give momentum above 0, such as 0.9",
    ),
    "micro batch larger than the batch": (
        "training: {batch_size: 8, micro_batch_size: 16}",
        "t.yaml:4: training.micro_batch_size: given 16; allowed: at most batch_size, which is 8",
    ),
    "loss of another task": (
        "loss: huber",
        "t.yaml:4: loss: huber does not fit the task text-classification; allowed: cross-entropy",
    ),
    "metric of another task": (
        "training:\n  best: {metric: pearson}",
        "t.yaml:5: training.best.metric: given 'pearson'; allowed: loss, accuracy, macro_f1",
    ),
    "early stopping without validation": (
        "training: {early_stopping: {patience: 2}}",
        "t.yaml:4: training.early_stopping: needs data.validation: a file, or a fraction of train such as 0.1",
    ),
}

WHOLE = {
    "unknown task": (
        "task: text-clasification\nmodel: {pretrained: m}\ndata: {train: t}",
        f"t.yaml:1: task: given 'text-clasification' (did you mean text-classification?); allowed: {', '.join(TASKS)}",
    ),
    "missing field": (
        "task: text-classification\nmodel: {pretrained: m}\ndata:\n  test: t.csv",
        "t.yaml:3: data.train: required, but not given",
    ),
    "missing part": (
        "task: text-classification\nmodel: {pretrained: m}",
        "t.yaml:1: data: required, but not given",
    ),
    "no model": (
        "task: text-classification\nmodel: {}\ndata: {train: t}",
        "t.yaml:2: model: give pretrained (a folder, a hub id or package:NAME/FOLDER), from_scratch or module",
    ),
    "no model of a task that takes two parts": (
        "task: translation\nmodel: {}\ndata: {train: t}",
        "t.yaml:2: model: give pretrained (a folder, a hub id or package:NAME/FOLDER), from_scratch, or encoder and "
        "decoder",
    ),
    "no model of a task that takes no modules": (
        "task: image-classification\nmodel: {}\ndata: {train: t}",
        "t.yaml:2: model: give pretrained (a folder, a hub id or package:NAME/FOLDER) or from_scratch",
    ),
    "empty text": (
        "task: text-classification\nmodel: {pretrained: ''}\ndata: {train: t}",
        "t.yaml:2: model.pretrained: given empty text",
    ),
    "two models": (
        "task: text-classification\nmodel: {pretrained: m, from_scratch: {architecture: a}}\ndata: {train: t}",
        "t.yaml:2: model.from_scratch: give pretrained or from_scratch, not both",
    ),
    "another kind of tokenizer": (
        "task: text-classification\nmodel: {from_scratch: {architecture: a, tokenizer: {train: unigram}}}\n"
        "data: {train: t}",
        "t.yaml:2: model.from_scratch.tokenizer.train: given 'unigram'; allowed: bpe",
    ),
    "a vocabulary without merges": (
        "task: text-regression\nmodel:\n  from_scratch: {architecture: a, tokenizer: {train: bpe, vocabulary: 200}}\n"
        "data: {train: t}",
        "t.yaml:3: model.from_scratch.tokenizer.vocabulary: given 200; allowed: a whole number above 261",
    ),
    "one part of two": (
        "task: translation\nmodel: {encoder: {pretrained: m}}\ndata: {train: t}",
        "t.yaml:2: model.decoder: needed with encoder: {pretrained: ...} or {from_scratch: ...}",
    ),
    "an empty part": (
        "task: translation\nmodel: {encoder: {}, decoder: {pretrained: m}}\ndata: {train: t}",
        "t.yaml:2: model.encoder: give pretrained (a folder, a hub id or package:NAME/FOLDER) or from_scratch",
    ),
    "two models of a part": (
        "task: translation\nmodel:\n  encoder: {pretrained: m}\n  decoder: {pretrained: m, from_scratch: n}\n"
        "data: {train: t}",
        "t.yaml:4: model.decoder.from_scratch: give pretrained or from_scratch, not both",
    ),
    "weights beside parts": (
        "task: translation\nmodel: {encoder: {pretrained: m}, decoder: {pretrained: m}, weights: w}\ndata: {train: t}",
        "t.yaml:2: model.weights: is not for an encoder-decoder of two parts: leave it out",
    ),
    "a cross-attention copied from nothing": (
        "task: translation\n"
        "model:\n  encoder: {pretrained: m}\n  decoder: {from_scratch: m}\n  cross_attention: copied\n"
        "data: {train: t}",
        "t.yaml:5: model.cross_attention: copied is only for an encoder-decoder with decoder.pretrained",
    ),
    "a cross-attention of one network": (
        "task: translation\nmodel: {pretrained: m, cross_attention: copied}\ndata: {train: t}",
        "t.yaml:2: model.cross_attention: copied is only for an encoder-decoder with decoder.pretrained",
    ),
    "fraction of one or more": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, validation: 1.5}",
        "t.yaml:3: data.validation: given 1.5; allowed: text, a list, a number above 0 and below 1 or null",
    ),
    "fractions that leave nothing": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, validation: 0.5, test: 0.5}",
        "t.yaml:3: data.test: validation and test take 1 of train: together they must be below 1",
    ),
    "label twice": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, labels: [a, b, a]}",
        "t.yaml:3: data.labels: 'a' is given more than once",
    ),
    "unknown column": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, columns: {txt: utterance}}",
        "t.yaml:3: data.columns.txt: the task text-classification has no column txt (did you mean text?): its columns "
        "are text, text_a, text_b, label, weight, group, split_column",
    ),
    "half a pair": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, columns: {text_a: one}}",
        "t.yaml:3: data.columns: text_a is given alone: a pair needs text_a and text_b",
    ),
    "separate encodings of one text": (
        "task: text-regression\nmodel: {pretrained: m}\ndata: {train: t, pair: separate, columns: {text: a}}",
        "t.yaml:3: data.pair: separate needs two texts: data.columns must give text_a and text_b, not text",
    ),
    "target of another task": (
        "task: multi-label-classification\nmodel: {pretrained: m}\ndata: {train: t, columns: {label: a}}",
        "t.yaml:3: data.columns.label: the task multi-label-classification has no column label (did you mean labels?): "
        "its columns are text, text_a, text_b, labels, weight, group, split_column",
    ),
    "labels of numbers": (
        "task: text-regression\nmodel: {pretrained: m}\ndata: {train: t, labels: [a, b]}",
        "t.yaml:3: data.labels: unknown field in the task text-regression, it is one of text-classification, "
        "multi-label-classification, token-classification, semantic-role-labeling, image-classification, "
        "series-classification and tensors; allowed: train, validation, test, columns, split_duplicates, on_bad_row, "
        "encoding, delimiter, quoting, header, decimal, sheet, query, where, max_length, pair",
    ),
    "a field of another optimizer": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t}\noptimizer: {name: adamw, momentum: 0.9}",
        "t.yaml:4: optimizer.momentum: unknown field, it is one of sgd; allowed: name, learning_rate, beta1, beta2, "
        "epsilon, weight_decay, decay_biases_and_norms",
    ),
    "weights for another number of labels": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, labels: [a, b]}\n"
        "loss: {class_weights: [1, 2, 3]}",
        "t.yaml:4: loss.class_weights: given 3 numbers for 2 labels (data.labels)",
    ),
    "weight of no label": (
        "task: text-classification\nmodel: {pretrained: m}\ndata: {train: t, labels: [apple, pear]}\n"
        "loss: {class_weights: {aple: 2}}",
        "t.yaml:4: loss.class_weights.aple: no label of data.labels (did you mean apple?)",
    ),
    "a list": ("- task", "t.yaml:1: given a list; a spec is a mapping of fields, such as task: text-classification"),
    "a word": ("task", "t.yaml:1: given 'task'; a spec is a mapping of fields, such as task: text-classification"),
    "nothing": ("# soon\n", "t.yaml: the file is empty: a spec needs at least task, model and data"),
}

YAML = {
    "duplicate key": ("training: {seed: 1}\ntask: x", "t.yaml:5: task: given twice, first in line 1"),
    "tab": ("training:\n\tseed: 1", "t.yaml:5: YAML allows no tab here: indent with spaces"),
    "bracket left open": (
        "compare: [1",
        "t.yaml:4: not valid YAML: while parsing a flow sequence expected ',' or ']', "
        "but got '<stream end>' (column 12)",
    ),
    "two documents": (
        "---\ntask: x",
        "t.yaml:4: a second document begins: a spec is one document, without '---' inside",
    ),
    "python object": (
        "device: !!python/name:os.system x",
        "t.yaml:4: device: the tag !!python/name:os.system is not allowed: "
        "a spec contains only text, numbers, true, false and null",
    ),
    "key that is a list": ("? [a]\n: 1", "t.yaml:4: a key must be a name, not a list or mapping"),
    "anchor in itself": ("backend: &a {torch: *a}", "t.yaml:4: an anchor contains itself"),
    "unknown anchor": ("device: *b", "t.yaml:4: not valid YAML: found undefined alias 'b' (column 9)"),
    "control character": ("device: \x07", "t.yaml:4: character U+0007 is not allowed in YAML"),
    "too deep": ("device: " + "[" * 1200, "t.yaml: nested too deeply to be a spec"),
    "too deep in blocks": ("device: " + "- " * 1200 + "a", None),
}


def _message(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        read_spec(text, "t.yaml")
    return str(caught.value)


@pytest.mark.parametrize("kind", [*FIELDS, *TOGETHER])
def test_a_wrong_field_is_one_exact_line(kind: str) -> None:
    text, expected = (FIELDS | TOGETHER)[kind]
    assert _message(GOOD + text) == expected


@pytest.mark.parametrize("kind", list(WHOLE))
def test_a_wrong_whole_is_one_exact_line(kind: str) -> None:
    text, expected = WHOLE[kind]
    assert _message(text) == expected


@pytest.mark.parametrize("kind", list(YAML))
def test_wrong_yaml_is_one_line(kind: str) -> None:
    text, expected = YAML[kind]
    message = _message(GOOD + text)
    if expected is None:
        assert message.startswith("t.yaml")
        assert "\n" not in message
    else:
        assert message == expected


def test_anchors_that_explode_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "with its anchors written out the spec has" in _message("\n".join(lines))


def test_every_mistake_of_a_spec_is_told_in_the_order_of_its_lines() -> None:
    text = """\
optimizer: {learning_rate: -1}
task: text-regresion
model: {pretrained: m, dropuot: 0.1}
data:
  train: t.csv
  max_length: 1
device: [cpu]
"""
    lines = _message(text).splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["t.yaml:1", "optimizer.learning_rate"],
        ["t.yaml:2", "task"],
        ["t.yaml:3", "model.dropuot"],
        ["t.yaml:6", "data.max_length"],
        ["t.yaml:7", "device"],
    ]


def test_a_wrong_task_is_told_alone_where_the_fields_are_those_of_some_task() -> None:
    data = "{train: t, max_length: 64, overlap: 4, labels: [a, b], stride: 16, masked_share: 0.2, pair: joint}"
    more = "generation: {max_new_tokens: 2}"
    message = _message(f"task: text-regresion\nmodel: {{pretrained: m}}\ndata: {data}\n{more}\n")
    assert message.startswith("t.yaml:1: task: given 'text-regresion' (did you mean text-regression?); allowed: ")
    assert "\n" not in message
    assert "\n" not in _message("task: text-regresion\nmodel: {pretrained: m}\ndata: {train: t, max_length: 64}\n")


def test_a_long_value_is_shortened() -> None:
    message = _message(f"{GOOD}precision: {'x' * 500}")
    assert len(message) < 160
    assert "..." in message


def test_an_unknown_backend_names_the_registered_ones() -> None:
    from ftcore.contract import discovery as backend

    registered = ", ".join(backend.names())
    assert registered
    assert _message(f"{GOOD}backend: {{nonesuch: {{}}}}") == (
        f"t.yaml:4: backend.nonesuch: no such backend; allowed: {registered}"
    )
