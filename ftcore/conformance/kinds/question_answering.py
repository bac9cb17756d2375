"""The kind of question answering: texts, each with the first and the last token of an answer in it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from ftcore.conformance import batches, quantities
from ftcore.conformance.draws import SEED
from ftcore.conformance.kinds import texts
from ftcore.conformance.kinds.base import Fields, Kind
from ftcore.contract import Batch
from ftcore.contract.losses import AnswerSpan
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator
from ftcore.models import FAMILIES, ModelPlan, ModelSpec, plan_model, write_model
from ftcore.models.heads import AnswerSpanHead
from ftcore.text import copy_tokenizer

HEAD = AnswerSpanHead()


def _batch(config: Fields, step: int) -> Batch:
    mask = np.arange(texts.PADDED) < np.asarray(texts.LENGTHS)[:, None]
    draws = generator(SEED, "conformance", "family answers", step)
    return texts.batch(config, step, batches.answers(mask, draws))


def _network(config: Fields) -> Network:
    architecture = FAMILIES[config["model_type"]].architecture(config, 0.0)
    return Network(architecture, HEAD.any_head(architecture))


def _plan(folder: Path) -> ModelPlan:
    return plan_model(ModelSpec(pretrained=str(folder), dropout=0.0), HEAD, 0, folder)


def _write(folder: Path, plan: ModelPlan, tensors: Mapping[str, np.ndarray]) -> None:
    write_inputs = partial(copy_tokenizer, plan.tokenizer_folder)
    write_model(folder, plan, tensors, HEAD, None, None, [], "", write_inputs)


QUESTION_ANSWERING = Kind(
    name="question answering",
    outputs=quantities.ANSWER_SPAN,
    batch=_batch,
    network=_network,
    class_name=HEAD.transformers_class,
    plan=_plan,
    write=_write,
    loss=AnswerSpan(),
)
