"""What ftcore changes in transformers' modules: every adaptation, in the one order in which they are applied.

transformers' own model computes the same function. Adapted, it also drops by the contract's masks, reads one token in
the last block where the head needs no more, and multiplies by the library that is fast on the processor.

The order matters because an adaptation finds the modules that those before it left:

- keyed dropout takes each rate from the module that it replaces, so it comes before everything else is set to 0;
- the last block drops by the keyed dropouts of its modules, so these must be there;
- linear maps leave a module alone that has a `forward` of its own, so the head's must have it by then, and they come
  last, when no module is put in the place of another any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from ftcore.contract.network import Network, TokenHead, Transformer
from ftcore_torch.attention import attend_with_keyed_dropout
from ftcore_torch.dropout import Masks, keep_others_whole, replace_dropouts
from ftcore_torch.last_block import read_in_last_block
from ftcore_torch.linear import Linear, replace_linear_maps
from ftcore_torch.matrix_products import ONEDNN, linear_by
from ftcore_torch.unrounded_head import keep_head_unrounded

KEYED_ATTENTION, KEYED_DROPOUT, NO_OTHER_DROPOUT = "keyed attention", "keyed dropout", "no other dropout"
LAST_BLOCK, UNROUNDED_HEAD, LINEAR_MAPS = "last block", "unrounded head", "linear maps"


@dataclass(frozen=True)
class Computation:
    """How a network of transformers' modules is computed.

    Attributes:
        precision: the spec's.
        attention: backend.torch.attention.
        products: the library of float32 linear maps, as `matrix_products.resolve` names it.
        compiles: whether torch.compile makes the training's products.
    """

    precision: str
    attention: str
    products: str
    compiles: bool

    @property
    def linear(self) -> Linear:
        """What multiplies float32 matrices."""
        return linear_by(self.products)


@dataclass(frozen=True)
class Built:
    """A network of transformers' modules, as an adaptation finds it.

    Attributes:
        network: its description.
        root: every module, a head of ftcore's own included.
        model: transformers' model: a body, or a language model.
        body: the module in `model` that the places of the description begin at.
        masks: of the network's dropout.
        computation: how it is to be computed.
    """

    network: Network
    root: nn.Module
    model: Any
    body: nn.Module
    masks: Masks
    computation: Computation

    @property
    def language_head(self) -> TokenHead | None:
        """The language model's head; None of a network with a task's head."""
        head = self.network.head
        return head if isinstance(head, TokenHead) and not head.of_task else None


@dataclass(frozen=True)
class Adaptation:
    """One change of a network's modules.

    Attributes:
        name: unique.
        does: what it changes, in a sentence.
        applies: says of a network whether it is changed.
        apply: changes its modules in place; parameters keep their names and values.
        after: the names of adaptations that must come before.
    """

    name: str
    does: str
    applies: Callable[[Built], bool]
    apply: Callable[[Built], None]
    after: tuple[str, ...] = ()


def _has_keyed_attention(built: Built) -> bool:
    if built.computation.attention != "sdpa":
        return False
    drops = bool(built.network.architecture.dropout_modules) and built.model._supports_attention_backend
    return built.language_head is not None or drops


def _reads_alone(built: Built) -> bool:
    body = built.network.architecture.body
    return built.language_head is None and isinstance(body, Transformer) and body.reads_alone


def _keep_head_unrounded(built: Built) -> None:
    if built.language_head is not None:
        keep_head_unrounded(built.model, built.language_head, built.computation.linear)


ADAPTATIONS = (
    Adaptation(
        KEYED_ATTENTION,
        "Attention weights are dropped by the contract's masks: transformers' fused attention draws its own.",
        _has_keyed_attention,
        lambda built: attend_with_keyed_dropout(built.model),
    ),
    Adaptation(
        KEYED_DROPOUT,
        "Every described place drops by the contract's masks, at the rate of the module that stood there.",
        lambda built: True,
        lambda built: replace_dropouts(built.body, built.network.architecture, built.masks),
    ),
    Adaptation(
        NO_OTHER_DROPOUT,
        "What a language model of transformers drops in other places is switched off.",
        lambda built: built.language_head is not None,
        lambda built: keep_others_whole(built.model),
        after=(KEYED_DROPOUT,),
    ),
    Adaptation(
        LAST_BLOCK,
        "Only the token that the head reads goes through all of the last block.",
        _reads_alone,
        lambda built: read_in_last_block(
            built.body, built.network.architecture, f"{getattr(built.model, 'base_model_prefix', '')}."
        ),
        after=(KEYED_DROPOUT,),
    ),
    Adaptation(
        UNROUNDED_HEAD,
        "A language model's head computes in the type of its parameters.",
        lambda built: built.language_head is not None,
        _keep_head_unrounded,
    ),
    Adaptation(
        LINEAR_MAPS,
        "float32 linear maps are oneDNN's on a CPU; torch.compile has products of its own.",
        lambda built: built.computation.products == ONEDNN and not built.computation.compiles,
        lambda built: replace_linear_maps(built.root),
        after=(KEYED_DROPOUT, UNROUNDED_HEAD),
    ),
)
"""Every adaptation, in order. An adapter of linear maps (LoRA) belongs before LINEAR_MAPS."""


def adapt(built: Built, adaptations: Sequence[Adaptation] = ADAPTATIONS) -> tuple[str, ...]:
    """Apply those adaptations that apply, in order; return their names.

    Raises:
        ValueError: one stands before another that it must come after.
    """
    _check_order(adaptations)
    applied = [one for one in adaptations if one.applies(built)]
    for one in applied:
        one.apply(built)
    return tuple(one.name for one in applied)


def _check_order(adaptations: Sequence[Adaptation]) -> None:
    for place, one in enumerate(adaptations):
        for later in adaptations[place + 1 :]:
            if later.name in one.after:
                raise ValueError(f"the adaptation {one.name!r} stands before {later.name!r}, and must come after it")
