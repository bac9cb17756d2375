"""The kind of language models: texts, with the next token as label of each token but the last."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ftcore.conformance import quantities
from ftcore.conformance.kinds import texts
from ftcore.conformance.kinds.base import Fields, Kind
from ftcore.contract import Batch
from ftcore.contract.network import Network
from ftcore.models import LANGUAGE_MODELS, LanguageModelHead, ModelPlan, plan_language_model, write_model
from ftcore.text import copy_tokenizer


def _batch(config: Fields, step: int) -> Batch:
    given = texts.batch(config, step, np.zeros(len(texts.LENGTHS), dtype=np.int32))
    labels = np.roll(given.inputs["input_ids"], -1, axis=1)
    weights = texts.token_weights(given.inputs["attention_mask"], [length - 1 for length in texts.LENGTHS])
    return replace(given, targets={"labels": labels}, weights=weights)


def network(config: Fields) -> Network:
    """Return the language model of a config without dropout; if the config does not tie, the head has a weight."""
    family = LANGUAGE_MODELS[config["model_type"]]
    architecture = family.architecture(config, 0.0)
    # T5's families always tie, except for checkpoints of such configs, which have both tensors.
    tied = family.is_tied(config) and config.get("tie_word_embeddings") is not False
    return Network(architecture, family.token_head(architecture, tied))


def class_name(family: str) -> str:
    """Return the language model's class in transformers."""
    return LANGUAGE_MODELS[family].language_model_class


def plan(folder: Path) -> ModelPlan:
    """Return the language model of a folder without dropout."""
    return plan_language_model(folder, 0.0)


def write(folder: Path, plan: ModelPlan, tensors: Mapping[str, np.ndarray]) -> None:
    """Write the folder of a language model in the checkpoint's type; each tensor has its own shape."""
    write_inputs = partial(copy_tokenizer, plan.tokenizer_folder)
    write_model(folder, plan, tensors, LanguageModelHead(), None, None, [], "", write_inputs)


LANGUAGE_MODEL = Kind("language model", quantities.LANGUAGE_MODEL, _batch, network, class_name, plan, write)
