"""Logits with a key-value cache are those of the whole sequence at once, of every kind of family that writes."""

import numpy as np
import pytest
import writers

from ftcore.conformance import family_folder
from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.seeds import generator
from ftcore.errors import BackendError
from ftcore.models import ENCODER_DECODERS

VARIANTS = {
    "gemma": "erf GELU in name, biases",
    "mistral": "no window",
    "phi3": "longrope, window",
    "qwen2": "upper windows, epsilon 1e-3",
    "smollm3": "windows where nothing turns, biases",
    "pegasus": "base",
    "t5": "version 1.1, one block decodes",
}
"""A variant of families beside those that are held to transformers in test_searches.py."""
PROMPTS, WRITTEN = np.array([3, 1, 2]), 5
EXACT, FLOAT32_INSIDE = 1e-12, 1e-6


def language_model(family: str, variant: str) -> Variant:
    cases = FAMILY_CASES[family]
    if family in ENCODER_DECODERS:
        return cases.variant(variant, cases.variants.get(variant, {}))
    return cases.other_head("language model", cases.variants[variant])


def learner_of(backend: str, variant: Variant) -> Learner:
    network = variant.network()
    learner = backends.load(backend).build(Program(network, precision="float64"), "cpu")
    learner.load_tensors(family_folder.values(variant, network))
    return learner


def ids(*shape: int) -> np.ndarray:
    return generator(0, "cache", *shape).integers(4, 20, size=shape).astype(np.int32)


def at_once(learner: Learner, inputs: dict[str, np.ndarray]) -> np.ndarray:
    rows = len(inputs["input_ids"])
    batch = Batch(inputs, {}, np.ones(rows, dtype=np.float32), np.arange(rows))
    logits = learner.forward(batch, Want()).logits
    assert logits is not None
    return logits


def stepwise(learner: Learner, inputs: dict[str, np.ndarray], tokens: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the logits after the prompt and after each token [rows, written]; the rows change places on the way."""
    decoding = learner.decoding(inputs)
    found = [decoding.logits[order], decoding.next(tokens[:, 0], order)]
    found += [decoding.next(tokens[:, place]) for place in range(1, tokens.shape[1])]
    return np.stack(found, axis=1)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "name"), VARIANTS.items())
def test_a_cache_changes_nothing(family: str, name: str) -> None:
    variant, order = language_model(family, name), np.array([2, 0, 0, 1])
    tokens, bound = ids(len(order), WRITTEN), FLOAT32_INSIDE if variant.float32_inside else EXACT
    of_texts = family in ENCODER_DECODERS
    for backend in backends.names():
        learner = learner_of(backend, variant)
        wanted, found = (of_source if of_texts else of_prompt)(learner, tokens, order)
        assert relative(found, wanted) <= bound, backend


def of_prompt(learner: Learner, tokens: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = int(PROMPTS.max())
    prompts, mask = ids(len(PROMPTS), width), (np.arange(width) < PROMPTS[:, None]).astype(np.int32)
    found = stepwise(learner, writers.left({"input_ids": prompts * mask, "attention_mask": mask}), tokens, order)
    wanted = []
    for row, prompt in enumerate(order):
        whole = np.concatenate([prompts[prompt, : PROMPTS[prompt]], tokens[row]])[None]
        logits = at_once(learner, {"input_ids": whole, "attention_mask": np.ones_like(whole)})
        wanted.append(logits[0, PROMPTS[prompt] - 1 :])
    return np.stack(wanted), found


def of_source(learner: Learner, tokens: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = int(PROMPTS.max())
    mask = (np.arange(width) < PROMPTS[:, None]).astype(np.int32)
    source = {"input_ids": ids(len(PROMPTS), width) * mask, "attention_mask": mask}
    begun = ids(len(PROMPTS), 2)
    found = stepwise(learner, {**source, "decoder_input_ids": begun}, tokens, order)
    whole = np.concatenate([begun[order], tokens], axis=1)
    target = {"decoder_input_ids": whole, "decoder_attention_mask": np.ones_like(whole)}
    logits = at_once(learner, {**{name: array[order] for name, array in source.items()}, **target})
    return logits[:, begun.shape[1] - 1 :], found


@pytest.mark.parametrize("backend", backends.names())
def test_a_network_without_a_language_models_head_writes_nothing(backend: str) -> None:
    variant = FAMILY_CASES["llama"].variant("base", {})
    with pytest.raises(BackendError, match="no language model's head"):
        learner_of(backend, variant).decoding({"input_ids": ids(1, 3), "attention_mask": np.ones((1, 3), np.int32)})
