"""Adds tokens to a pretrained tokenizer, with new rows of the token table."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ftcore.contract import seeds
from ftcore.contract.network import TokenBody
from ftcore.models.model_plan import ModelPlan
from ftcore.models.vocabulary import with_vocabulary


def with_added_tokens(model: ModelPlan, tokenizer_json: str, added: Mapping[str, int], seed: int) -> ModelPlan:
    """Return the model with a row of the token table for each added token, and with their tokenizer.

    A new row is normal with the architecture's initializer_range, as in a table from scratch, and depends on the seed
    and the token. The table grows if the id of a token is beyond its end; its other rows stay the same.

    Args:
        model: a network that reads tokens, with a task's head.
        tokenizer_json: the content of tokenizer.json, with the added tokens.
        added: maps each token to its id; if empty, the model stays the same.
        seed: seed of the run.
    """
    if not added:
        return model
    architecture, body = model.network.architecture, model.network.architecture.body
    table = architecture.token_table
    if table is None or not isinstance(body, TokenBody) or model.network.predicts_tokens:
        raise TypeError("tokens are added to networks that read tokens and do not predict them")
    rows = max(table.shape[0], *(identity + 1 for identity in added.values()))
    old = model.tensors[table.name]
    values = np.zeros((rows, table.shape[1]), old.dtype)
    values[: len(old)] = old
    for token, identity in added.items():
        generator = seeds.generator(seed, "added token", token)
        drawn = generator.standard_normal(table.shape[1], dtype=np.float32) * np.float32(body.initializer_range)
        values[identity] = drawn
    return replace(
        model,
        network=replace(model.network, architecture=with_vocabulary(architecture, rows)),
        tensors={**model.tensors, table.name: values},
        tokenizer_json=tokenizer_json,
        notes=(*model.notes, f"added tokens, their rows drawn from the seed: {', '.join(added)}"),
    )
