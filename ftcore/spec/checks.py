"""What the parts of a spec must be to each other: each check returns its problems."""

from typing import TYPE_CHECKING

from ftcore.contract import discovery as backend
from ftcore.contract.losses import LOSSES
from ftcore.data.forms import marks_predicate
from ftcore.helpers.suggestions import did_you_mean
from ftcore.parts import Place
from ftcore.spec.data import COLUMNS
from ftcore.spec.language_checks import language_problems
from ftcore.targets import loss_metrics as metrics
from ftcore.tasks import ANY_TASK, AnyTask

if TYPE_CHECKING:
    from ftcore.spec.task_spec import TaskSpec

Problems = list[tuple[Place, str]]


def problems(spec: "TaskSpec") -> Problems:
    """Return every problem: its place, and what is wrong and allowed."""
    task = ANY_TASK[spec.task]
    return [
        *_loss(spec, task),
        *_per_output(spec),
        *_columns(spec, task),
        *_inputs(spec, task),
        *_standardize(spec, task),
        *_labels(spec, task),
        *_unit(spec, task),
        *_mark(spec, task),
        *_best(spec, task),
        *_early_stopping(spec),
        *_backends(spec),
        *_module(spec, task),
        *language_problems(spec, task),
        *_vectors(spec, task),
        *_coupling(spec),
    ]


def _loss(spec: "TaskSpec", task: AnyTask) -> Problems:
    allowed = [loss.name for loss in task.losses]
    if spec.loss.name in allowed:
        return []
    return [(("loss",), f"{spec.loss.name} does not fit the task {task.name}; allowed: {', '.join(allowed)}")]


def _per_output(spec: "TaskSpec") -> Problems:
    """Check weights a label against `data.labels`, where both are written out."""
    found: Problems = []
    labels = spec.data.labels
    for name, value in spec.loss:
        if labels is None or not isinstance(value, dict | list):
            continue
        if isinstance(value, list) and len(value) != len(labels):
            found.append((("loss", name), f"given {len(value)} numbers for {len(labels)} labels (data.labels)"))
        if isinstance(value, dict):
            unknown = [label for label in value if label not in labels]
            found += [
                (("loss", name, label), f"no label of data.labels{did_you_mean(label, labels)}") for label in unknown
            ]
    return found


def _columns(spec: "TaskSpec", task: AnyTask) -> Problems:
    """Check that every column is one of this task, not of another."""
    own = [*dict.fromkeys(name for form in task.forms for name in form), *([task.target] if task.target else [])]
    return [
        (("data", "columns", name), f"the task {task.name} has no column {name}: its columns are {', '.join(own)}")
        for name in spec.data.columns
        if name in COLUMNS and name not in own
    ]


def _inputs(spec: "TaskSpec", task: AnyTask) -> Problems:
    """Check that what is for texts is said in a task of texts alone."""
    if task.reads == "tokens":
        return []
    fields = type(spec.data).model_fields
    given = [name for name in ("max_length", "pair") if getattr(spec.data, name) != fields[name].default]
    reason = f"the task {task.name} reads no texts: leave it out"
    found: Problems = [(("data", name), reason) for name in given]
    if task.reads == "arrays":
        skips = spec.data.on_bad_row == "skip"
        return [*found, *([(("data", "on_bad_row"), "arrays are taken whole: leave it out")] if skips else [])]
    return found if spec.model.module is None else [*found, (("model", "module"), "is for tasks of texts and tensors")]


def _standardize(spec: "TaskSpec", task: AnyTask) -> Problems:
    if not spec.data.standardize:
        return []
    place: Place = ("data", "standardize")
    if task.reads != "vectors":
        return [(place, f"is for sequences of numbers, which the task {task.name} does not read: leave it out")]
    if spec.model.pretrained is not None:
        return [(place, "is for a network from scratch; a pretrained one keeps its mean and deviation: leave it out")]
    return []


def _labels(spec: "TaskSpec", task: AnyTask) -> Problems:
    unlabelled = task.unit == "vector" or (task.unit != "vocabulary" and task.outputs([]) > 0)
    if spec.data.labels is None or not unlabelled:
        return []
    return [(("data", "labels"), f"the task {task.name} has no labels: leave data.labels out")]


def _unit(spec: "TaskSpec", task: AnyTask) -> Problems:
    """Check what is for tasks of sequences alone, or for tasks of words alone."""
    if task.unit == "vocabulary":
        return []
    of_words: dict[Place, bool] = {
        ("data", "label_subwords"): spec.data.label_subwords != "first",
        ("data", "overlap"): spec.data.overlap is not None,
    }
    of_sequences: dict[Place, bool] = {
        ("data", "pair"): spec.data.pair != "joint",
        ("model", "pooling"): spec.model.pooling is not None,
        ("model", "normalize"): spec.model.normalize is not None,
    }
    if task.unit != "token":
        text = f"is for tasks of words, and {task.name} is one of whole texts: leave it out"
        return [(place, text) for place, given in of_words.items() if given]
    text = f"is for tasks of whole texts, and {task.name} is one of words: leave it out"
    return [(place, text) for place, given in of_sequences.items() if given]


def _mark(spec: "TaskSpec", task: AnyTask) -> Problems:
    """Check what is for a task with predicates alone."""
    place: Place = ("data", "mark_predicate")
    usual = type(spec.data).model_fields["mark_predicate"].default
    if not marks_predicate(task.forms) and spec.data.mark_predicate != usual:
        return [(place, f"the task {task.name} has no predicates: leave it out")]
    if marks_predicate(task.forms) and spec.data.overlap is not None:
        return [(("data", "overlap"), "a window without the predicate says nothing of it: leave it out")]
    if marks_predicate(task.forms) and spec.model.module is not None and spec.data.mark_predicate == "markers":
        return [(place, "given markers, whose tokens a module has no rows for; allowed for a module: segment")]
    return []


def _best(spec: "TaskSpec", task: AnyTask) -> Problems:
    metric = spec.training.best.metric
    # The metrics of ready arrays are the loss's.
    allowed = ["loss", *metrics.names(LOSSES[spec.loss.name])] if task.reads == "arrays" else list(task.modes)
    if metric is None or metric in allowed:
        return []
    near = did_you_mean(metric, allowed)
    return [(("training", "best", "metric"), f"given {metric!r}{near}; allowed: {', '.join(allowed)}")]


def _early_stopping(spec: "TaskSpec") -> Problems:
    if spec.training.early_stopping is None or spec.data.validation is not None:
        return []
    return [(("training", "early_stopping"), "needs data.validation: a file, or a fraction of train such as 0.1")]


def _backends(spec: "TaskSpec") -> Problems:
    registered = backend.names()
    return [
        (("backend", name), f"no such backend{did_you_mean(name, registered)}; allowed: {', '.join(registered)}")
        for name in spec.backend
        if name not in registered
    ]


def _module(spec: "TaskSpec", task: AnyTask) -> Problems:
    """Check what a user's own module cannot do, of which nothing but its logits is known."""
    if spec.model.module is None:
        return []
    separate = spec.data.pair == "separate" and task.unit != "vector"
    of_texts, given = task.reads == "tokens", spec.model.tokenizer is not None
    unfit: dict[Place, tuple[bool, str]] = {
        ("model", "tokenizer"): (
            of_texts != given,
            "needed with module: a model location with tokenizer.json" if of_texts else "is for texts: leave it out",
        ),
        ("data", "pair"): (separate, "given separate; allowed for a module: joint"),
        ("training", "batching"): (
            spec.training.batching == "packed",
            "given packed; allowed for a module: padded, sorted",
        ),
        ("precision",): (spec.precision != "float32", "is not for a module, which has its own: leave it out"),
        ("output", "dtype"): (
            spec.output.dtype is not None,
            "is not for a module, whose tensors are written as they are: leave it out",
        ),
    }
    return [(place, text) for place, (wrong, text) in unfit.items() if wrong]


def _vectors(spec: "TaskSpec", task: AnyTask) -> Problems:
    """Check what a task of vectors cannot do."""
    if task.unit != "vector":
        return []
    unfit: dict[Place, tuple[bool, str]] = {
        ("data", "pair"): (spec.data.pair == "joint", f"given joint; allowed for {task.name}: separate, its default"),
        ("model", "module"): (spec.model.module is not None, "is for tasks of logits: give model.pretrained"),
        ("loss", "score_at_one"): (
            getattr(spec.loss, "score_at_zero", 0.0) == getattr(spec.loss, "score_at_one", 1.0),
            "is the same as score_at_zero",
        ),
    }
    return [(place, text) for place, (wrong, text) in unfit.items() if wrong]


def _coupling(spec: "TaskSpec") -> Problems:
    """Check that a step is not split where the loss looks at the whole batch."""
    if not LOSSES[spec.loss.name].couples_examples:
        return []
    text = f"and loss {spec.loss.name} compares all examples of a batch"
    unfit: dict[str, tuple[bool, str]] = {
        "batch_size": (spec.training.batch_size == 1, f"given 1, {text}: give 2 or more"),
        "micro_batch_size": (spec.training.micro_batch_size is not None, f"is given, {text}: leave it out"),
        "batching": (spec.training.batching == "sorted", f"given sorted, {text}; allowed: packed, padded"),
    }
    return [(("training", name), text) for name, (wrong, text) in unfit.items() if wrong]
