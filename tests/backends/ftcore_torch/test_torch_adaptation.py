"""Adaptations of transformers' modules: they change no output, they are applied in the declared order and no other."""

from dataclasses import replace
from functools import partial
from types import FunctionType

import numpy as np
import pytest
import torch
from ftcore_torch.adaptation import (
    ADAPTATIONS,
    KEYED_ATTENTION,
    KEYED_DROPOUT,
    LAST_BLOCK,
    LINEAR_MAPS,
    NO_OTHER_DROPOUT,
    UNROUNDED_HEAD,
    Adaptation,
    Built,
    Computation,
    adapt,
)
from ftcore_torch.attention import ATTENTION
from ftcore_torch.backend import OPTIONS, TorchBackend
from ftcore_torch.dropout import KeyedDropout, Masks
from ftcore_torch.learner import TorchLearner
from ftcore_torch.linear import has_onednn
from ftcore_torch.network import build_network
from torch import nn

from ftcore.conformance import batches, family_folder
from ftcore.conformance.bert import CURVE
from ftcore.conformance.bounds import bounds_for
from ftcore.conformance.families import FAMILY_CASES, Variant
from ftcore.conformance.kinds.language_model import LANGUAGE_MODEL
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Program, Want
from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.contract.network import EncoderDecoder, Network, Transformer
from ftcore.contract.optimizers import AdamW
from ftcore.models.families import LANGUAGE_MODELS

CPU = torch.device("cpu")
NAMES = [one.name for one in ADAPTATIONS]
LOSS = CrossEntropy()
GPT2 = next(one for one in FAMILY_CASES["gpt2"].every() if one.kind == LANGUAGE_MODEL.name)


def variants() -> list[Variant]:
    """Return a classifier and every other head of every family that is transformers' own and adapted."""
    found = [
        one for cases in FAMILY_CASES.values() for one in (cases.every()[0], *map(cases.other_head, cases.other_names))
    ]
    return [one for one in found if isinstance(one.network().architecture.body, Transformer | EncoderDecoder)]


def learner(
    network: Network, adaptations: tuple[Adaptation, ...] = ADAPTATIONS, loss: Loss = LOSS, **options: object
) -> TorchLearner:
    chosen = {**OPTIONS, "products": "onednn" if has_onednn() else "mkl", **options}
    program = Program(network, loss, AdamW(), decay_exempt=frozenset())
    return TorchLearner(build_network(network, "float32", chosen, adaptations), program, CPU, chosen)


def forwards(root: nn.Module) -> list[str]:
    """Return the names of the functions that stand in the place of a module's own forward."""
    own = [vars(module)["forward"] for module in root.modules() if "forward" in vars(module)]
    return [one.__qualname__ for one in own if isinstance(one, FunctionType)]


def marks(root: nn.Module) -> set[str]:
    """Return the names of the adaptations whose traces a network shows."""
    found = forwards(root)
    dropouts = [one.p for one in root.modules() if isinstance(one, nn.Dropout)]
    keyed = [
        name for name, one in root.named_modules() if isinstance(one, KeyedDropout) and not name.startswith("head")
    ]
    attentions = [one.config._attn_implementation for one in root.modules() if hasattr(one, "config")]
    shown = {
        KEYED_ATTENTION: ATTENTION in attentions,
        KEYED_DROPOUT: bool(keyed),
        NO_OTHER_DROPOUT: bool(dropouts) and not any(dropouts),
        LAST_BLOCK: any(name.startswith("read_in_last_block") for name in found),
        UNROUNDED_HEAD: any(name.startswith("_unrounded") for name in found),
        LINEAR_MAPS: any(name.startswith(("_forward", "_transposed_forward")) for name in found),
    }
    return {name for name, is_shown in shown.items() if is_shown}


def classifier(dropout: float = 0.1) -> Network:
    return CURVE.network(dropout)


def language_model(dropout: float = 0.1) -> Network:
    family = LANGUAGE_MODELS[GPT2.family]
    architecture = family.architecture(GPT2.whole_config, dropout)
    return Network(architecture, family.token_head(architecture, family.is_tied(GPT2.config)))


@pytest.mark.parametrize("variant", variants(), ids=lambda one: f"{one.family}, {one.name}")
def test_an_adapted_network_gives_what_the_unadapted_one_gives(variant: Variant) -> None:
    network, loss = variant.network(), variant.of_kind.loss
    # transformers' sdpa knows no bound of scores: there only its eager attention computes the network.
    capped = isinstance(network.architecture.body, Transformer) and network.architecture.body.attention.cap
    pair = learner(network, loss=loss), learner(network, (), loss, attention="eager" if capped else "sdpa")
    values, batch = family_folder.values(variant, network), variant.batch()
    for one in pair:
        one.load_tensors(values)
    bounds = bounds_for("float32", float32_inside=False)
    found, wanted = (one.forward(batch, Want(loss=True)) for one in pair)
    assert relative(real(batch, found.logits), real(batch, wanted.logits)) <= bounds.outputs
    assert relative(found.loss, wanted.loss) <= bounds.loss
    gradients, others = (one.gradients(batches.step(loss, [batch])) for one in pair)
    assert set(gradients) == set(others)
    whole = np.sqrt(sum(np.square(value).sum() for value in others.values()))
    for name, value in others.items():
        # A gradient that is zero in exact arithmetic is rounding alone.
        size = max(np.linalg.norm(value), 1e-3 * whole)
        assert np.linalg.norm(gradients[name] - value) <= bounds.gradient * size, name


def real(batch: Batch, logits: np.ndarray | None) -> np.ndarray:
    """Return the logits without those at padding."""
    assert logits is not None
    mask = batch.inputs.get("decoder_attention_mask", batch.inputs.get("attention_mask"))
    return logits if mask is None or logits.ndim == 2 else logits[mask == 1]


def test_every_adaptation_is_applied_by_the_backend_and_none_without() -> None:
    for network, wanted in (
        (classifier(), {KEYED_ATTENTION, KEYED_DROPOUT, LAST_BLOCK, LINEAR_MAPS}),
        (language_model(), {KEYED_ATTENTION, KEYED_DROPOUT, UNROUNDED_HEAD, LINEAR_MAPS}),
    ):
        options = {"products": "onednn" if has_onednn() else "mkl"}
        built = TorchBackend().build(Program(network, LOSS, AdamW(), options=options), "cpu")
        assert isinstance(built, TorchLearner)
        wanted = wanted if has_onednn() else wanted - {LINEAR_MAPS}
        assert marks(built._network.root) - {NO_OTHER_DROPOUT} == wanted
        assert marks(learner(network, ())._network.root) == set()


@pytest.mark.parametrize("left_out", [KEYED_ATTENTION, LAST_BLOCK, LINEAR_MAPS])
def test_the_list_is_what_is_applied(left_out: str) -> None:
    rest = tuple(one for one in ADAPTATIONS if one.name != left_out)
    whole = marks(learner(classifier())._network.root)
    assert marks(learner(classifier(), rest)._network.root) == whole - {left_out}


def test_the_names_come_back_in_the_declared_order() -> None:
    seen: list[str] = []
    traced = tuple(replace(one, apply=partial(_trace, seen, one)) for one in ADAPTATIONS)
    learner(language_model(), traced)
    assert (
        seen
        == [KEYED_ATTENTION, KEYED_DROPOUT, NO_OTHER_DROPOUT, UNROUNDED_HEAD, LINEAR_MAPS][: 5 if has_onednn() else 4]
    )
    assert seen == [name for name in NAMES if name in seen]


def _trace(seen: list[str], one: Adaptation, built: Built) -> None:
    seen.append(one.name)
    one.apply(built)


def test_an_unadapted_network_draws_its_own_dropout() -> None:
    """The masks are the contract's only where a network is adapted: what the comparison above relies on."""
    torch.manual_seed(3)
    twice = []
    for adaptations in ((), ADAPTATIONS):
        losses = []
        for _ in range(2):
            one = learner(language_model(0.3), adaptations)
            one.load_tensors(family_folder.values(GPT2, language_model()))
            losses.append(float(one.train_step(batches.step(LOSS, [GPT2.batch()])).loss))
        twice.append(losses[0] == losses[1])
    assert twice == [False, True]


@pytest.mark.parametrize(("first", "second"), [(early, one.name) for one in ADAPTATIONS for early in one.after])
def test_another_order_is_refused(first: str, second: str) -> None:
    order = list(ADAPTATIONS)
    one, other = NAMES.index(first), NAMES.index(second)
    order[one], order[other] = order[other], order[one]
    with pytest.raises(ValueError, match="but must come after it"):
        learner(classifier(), tuple(order))


def test_what_the_refusal_is_good_for() -> None:
    """Without the check, one wrong order raises, and another one loses every dropout without a word."""
    free = {one.name: replace(one, after=()) for one in ADAPTATIONS}
    with pytest.raises(TypeError, match="is not a keyed dropout"):
        learner(classifier(), (free[LAST_BLOCK], free[KEYED_DROPOUT]))
    rates = []
    for order in ((KEYED_DROPOUT, NO_OTHER_DROPOUT), (NO_OTHER_DROPOUT, KEYED_DROPOUT)):
        root = learner(language_model(), tuple(free[name] for name in order))._network.root
        rates.append({one.p for one in root.modules() if isinstance(one, KeyedDropout)})
    assert rates[0] == {0.1}
    assert rates[1] == {0.0}


def test_names_are_unique_and_known() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {name for one in ADAPTATIONS for name in one.after} <= set(NAMES)


def test_nothing_is_applied_where_nothing_applies() -> None:
    network = classifier()
    model = nn.Linear(2, 2)
    built = Built(network, model, model, model, Masks((), 2), Computation("float32", "sdpa", "mkl", False))
    assert adapt(built, ()) == ()
