"""The recorded runs: their specs, rows, and uses of the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STEPS = {"max_steps": 8, "batch_size": 8, "evaluate_every": 4, "seed": 3}
RATES = {"optimizer": {"learning_rate": 5e-3}, "schedule": {"name": "linear", "warmup_steps": 2}}
INPUTS = "../../inputs"
"""The folder of rows and models, relative to the folder of a case."""


@dataclass(frozen=True)
class Case:
    """A run by a spec.

    Attributes:
        spec: its fields, except data.train, data.validation and data.test.
        rows: the folder of rows.
        evaluates, predicts: whether `ftcore.evaluate` and `ftcore.predict` read the result.
        features: arguments of `ftcore.features`, by the name of the stored vectors.
    """

    spec: Mapping[str, Any]
    rows: str = "texts"
    evaluates: bool = True
    predicts: bool = True
    features: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def spec_values(self) -> dict[str, Any]:
        """Return the spec to write."""
        ending = "npz" if self.rows in ("pictures", "readings", "series") else "jsonl"
        files = {split: f"{INPUTS}/{self.rows}/{split}.{ending}" for split in ("train", "validation", "test")}
        training = {**STEPS, **self.spec.get("training", {})}
        data = {**files, **self.spec.get("data", {})}
        return {"threads": 1, **RATES, **self.spec, "data": data, "training": training}


def pretrained(name: str, **fields: Any) -> dict[str, Any]:
    """Return a spec's model part: a checkpoint of the recording."""
    return {"pretrained": f"{INPUTS}/models/{name}", **fields}


def result_of(name: str, **fields: Any) -> dict[str, Any]:
    """Return a spec's model part: the result of another case."""
    return {"pretrained": f"../{name}/run", **fields}


def scratch(name: str, tokenizer: Any = None, **fields: Any) -> dict[str, Any]:
    """Return a spec's model part: an architecture of the recording, drawn."""
    part = {"architecture": f"{INPUTS}/models/{name}"}
    return {"from_scratch": part if tokenizer is None else {**part, "tokenizer": tokenizer}, **fields}


def text(model: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return the spec of a text classification with dropout."""
    found = {"task": "text-classification", "model": model or pretrained("bert"), **fields}
    return {**found, "data": {"max_length": 16, **fields.get("data", {})}}


def language(task: str, model: str, **fields: Any) -> dict[str, Any]:
    """Return the spec of a language model that generates at most 6 tokens."""
    writes = {} if task == "masked-language-modeling" else {"generation": {"max_new_tokens": 6}}
    found = {"task": task, "model": pretrained(model), **writes, **fields}
    return {**found, "data": {"max_length": 24, **fields.get("data", {})}}


def of(task: str, model: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the spec of another task."""
    return {"task": task, "model": model, **fields}


VECTORS = {
    "mean": {"pooling": "mean"},
    "cls-layer-1": {"pooling": "cls", "layer": 1, "normalize": True},
    "tokens": {"pooling": "none"},
    "own": {},
}
BEAM = {"method": "beam", "beams": 3, "max_new_tokens": 6}
SAMPLING = {"method": "sampling", "top_k": 8, "top_p": 0.9, "temperature": 0.8, "max_new_tokens": 6}
PAIRS = {"columns": {"text_a": "text_a", "text_b": "text_b"}, "max_length": 24}
SCORES = {"name": "cosine-similarity", "score_at_zero": 0.0, "score_at_one": 3.0}

BATCHES = {
    "packed": Case(text(training={"batching": "packed"}), features=VECTORS),
    "sorted": Case(text(training={"batching": "sorted"})),
    "padded": Case(text(training={"batching": "padded"})),
    "packed-without-dropout": Case(text(pretrained("bert", dropout=0.0), training={"batching": "packed"})),
    "micro-batches": Case(text(training={"batching": "packed", "micro_batch_size": 3})),
    "micro-batches-padded": Case(text(training={"batching": "padded", "micro_batch_size": 3})),
    "epochs": Case(text(training={"max_steps": None, "epochs": 2, "evaluate_every": "epoch", "keep": "last"})),
    "pooling-mean": Case(text(pretrained("bert", pooling="mean"))),
    "head-alone": Case(text(pretrained("bert", trainable="head"))),
    "class-weights": Case(text(loss={"name": "cross-entropy", "class_weights": "balanced", "label_smoothing": 0.1})),
    "sgd": Case(text(optimizer={"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}, schedule="cosine")),
    "float64": Case(text(precision="float64")),
    "bfloat16": Case(text(precision="bfloat16")),
    "float16": Case(text(precision="float16")),
    "pairs-joint": Case(text(data=PAIRS), "pairs"),
    "pairs-separate": Case(text(pretrained("bert", pooling="mean"), data={**PAIRS, "pair": "separate"}), "pairs"),
    "chained": Case(text(result_of("packed"), training={"max_steps": 4}), features={"own": {}}),
}
"""Text classification with different kinds of steps."""

SRL, TAGS, EMBEDDING = "semantic-role-labeling", "token-classification", "sentence-embedding"
WORDS = {"max_length": 32}
TASKS = {
    "multi-label": Case(of("multi-label-classification", pretrained("bert"), data={"max_length": 16})),
    "regression": Case(
        of("text-regression", pretrained("bert"), data={"max_length": 16, "columns": {"label": "stars"}})
    ),
    "tags": Case(of(TAGS, pretrained("bert"), data={"max_length": 12, "overlap": 3}), "sentences"),
    "tags-of-subwords": Case(of(TAGS, pretrained("bert"), data={**WORDS, "label_subwords": "all"}), "sentences"),
    "roles": Case(of(SRL, pretrained("bert"), data=WORDS), "sentences"),
    "roles-by-segment": Case(of(SRL, pretrained("bert"), data={**WORDS, "mark_predicate": "segment"}), "sentences"),
    "embedding": Case(
        of(EMBEDDING, pretrained("bert"), data=PAIRS, loss="multiple-negatives-ranking"), "pairs", features=VECTORS
    ),
    "embedding-of-scores": Case(of(EMBEDDING, pretrained("bert"), data={"max_length": 24}, loss=SCORES), "scores"),
    "embedding-of-triplets": Case(
        of(EMBEDDING, pretrained("bert"), data={"max_length": 24}, loss="triplet"), "triplets"
    ),
    "images": Case(of("image-classification", scratch("image-cnn")), "pictures"),
    "sequences": Case(
        of("sequence-classification", scratch("gru-of-curves", pooling="max"), data={"standardize": True}), "curves"
    ),
    "tensors": Case(of("tensors", scratch("linear"), loss="huber"), "readings"),
    "tensors-of-series": Case(of("tensors", scratch("gru-of-series"), loss="cross-entropy"), "series"),
    "lstm": Case(text(scratch("lstm", pooling="max"))),
    "text-cnn": Case(text(scratch("text-cnn", tokenizer={"train": "bpe", "vocabulary": 300}))),
}
"""Every task with labels."""

INSTRUCTIONS, CAUSAL = "instruction-tuning", "causal-language-modeling"
LANGUAGE = {
    "summaries": Case(language("summarization", "t5", data={"target_max_length": 8}), "rewriting"),
    "translations": Case(language("translation", "bart", generation=BEAM), "rewriting"),
    "sampled": Case(language("translation", "t5", generation=SAMPLING), "rewriting"),
    "two-berts": Case(
        {
            **language("summarization", "bert"),
            "model": {part: pretrained("bert") for part in ("encoder", "decoder")},
        },
        "rewriting",
    ),
    "causal": Case(language(CAUSAL, "llama"), features={"mean": {"pooling": "mean"}}),
    "causal-by-beams": Case(language(CAUSAL, "gpt2", generation=BEAM)),
    "instructions": Case(
        language(INSTRUCTIONS, "llama", data={"answer_pattern": r"(\w+)", "separator": " the "}), "instructions"
    ),
    "messages": Case(language(INSTRUCTIONS, "gpt2", data={"max_length": 32}), "conversations"),
    "masked": Case(language("masked-language-modeling", "masked-bert"), predicts=False),
    "masked-then-classified": Case(text(result_of("masked"), training={"max_steps": 4})),
}
"""Every task of language models."""

ENCODERS = ("roberta", "distilbert", "albert", "deberta-v2", "modernbert")
FAMILIES = {
    **{name: Case(text(pretrained(name), training={"max_steps": 4})) for name in ENCODERS},
    **{name: Case(language(CAUSAL, name, training={"max_steps": 4})) for name in ("qwen3", "gemma2")},
    **{name: Case(of("image-classification", pretrained(name)), "pictures") for name in ("vit", "resnet")},
}
"""One checkpoint of several families of models."""

UNREAD = {"evaluates": False, "predicts": False}
OWN = {
    "module": Case(
        {
            **text({"module": f"{INPUTS}/own/BACKEND_net:build", "tokenizer": f"{INPUTS}/models/bert"}),
            "training": {"batching": "padded"},
        },
        **UNREAD,
    ),
    "module-of-arrays": Case(
        of("tensors", {"module": f"{INPUTS}/own/BACKEND_net:build_line"}, loss="huber"), "readings", **UNREAD
    ),
}
"""Modules that a spec names; BACKEND stands for the backend's name."""

CASES: dict[str, Case] = {**BATCHES, **TASKS, **LANGUAGE, **FAMILIES, **OWN}
"""Cases in the order of running: a case that continues another comes after it."""
