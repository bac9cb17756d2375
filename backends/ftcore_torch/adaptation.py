"""Applies ftcore's adaptations to transformers' modules, in a fixed order.

transformers' own model computes the same function. The adapted model also uses the contract's dropout masks, computes
only one token in the last block if the head reads one, and uses the matrix library that is fast on the processor.

The order matters because each adaptation acts on the modules that the previous ones left:

- keyed dropout takes each rate from the module that it replaces, so it comes before all other dropout is set to 0;
- the last block uses the keyed dropouts of its modules, so these must exist;
- linear maps skip a module with its own `forward`, so the head's modules must have theirs already; they come last,
  when no more modules are replaced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from ftcore.contract.network import Network, Rotary, TokenHead, Transformer
from ftcore_torch.attention import attend_with_keyed_dropout
from ftcore_torch.dropout import Masks, keep_others_whole, replace_dropouts
from ftcore_torch.last_block import read_in_last_block
from ftcore_torch.linear import Linear, replace_linear_maps
from ftcore_torch.matrix_products import ONEDNN, linear_by
from ftcore_torch.precision import ROUNDED
from ftcore_torch.unrounded_head import keep_head_unrounded
from ftcore_torch.unrounded_projection import keep_projection_unrounded, projects
from ftcore_torch.whole_float64 import keep_float64_whole

KEYED_ATTENTION, KEYED_DROPOUT, NO_OTHER_DROPOUT = "keyed attention", "keyed dropout", "no other dropout"
LAST_BLOCK, UNROUNDED_HEAD, LINEAR_MAPS = "last block", "unrounded head", "linear maps"
UNROUNDED_PROJECTION, WHOLE_FLOAT64 = "unrounded projection", "whole float64"


@dataclass(frozen=True)
class Computation:
    """Settings of how a network of transformers' modules is computed.

    Attributes:
        precision: the spec's precision.
        attention: value of backend.torch.attention.
        products: library of float32 linear maps, as returned by `matrix_products.resolve`.
        compiles: whether torch.compile generates the products of training.
    """

    precision: str
    attention: str
    products: str
    compiles: bool

    @property
    def linear(self) -> Linear:
        """The function that computes float32 linear maps."""
        return linear_by(self.products)


@dataclass(frozen=True)
class Built:
    """A network of transformers' modules, which adaptations change.

    Attributes:
        network: its description.
        root: module that contains all others, including ftcore's own head.
        model: transformers' model: a body, or a language model.
        body: module in `model` to which the description's paths are relative.
        masks: masks of the network's dropout.
        computation: settings of the computation.
    """

    network: Network
    root: nn.Module
    model: Any
    body: nn.Module
    masks: Masks
    computation: Computation

    @property
    def rotaries(self) -> list[Rotary]:
        """The described rotary positions."""
        body = self.network.architecture.body
        attention = body.attention if isinstance(body, Transformer) else None
        return [] if attention is None else [rotary for rotary in attention.rotaries if rotary is not None]

    @property
    def language_head(self) -> TokenHead | None:
        """The language model's head; None for a network with a task's head."""
        head = self.network.head
        return head if isinstance(head, TokenHead) and not head.of_task else None


@dataclass(frozen=True)
class Adaptation:
    """One change of a network's modules.

    Attributes:
        name: unique name.
        does: one sentence about the change.
        applies: returns whether a network is changed.
        apply: changes its modules in place; parameters keep their names and values.
        after: names of the adaptations that must come before it.
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


def _prefix(built: Built) -> str:
    """Return the prefix of the description's parameter names that names in the body do not have."""
    return f"{getattr(built.model, 'base_model_prefix', '')}."


def _keep_head_unrounded(built: Built) -> None:
    if built.language_head is not None:
        keep_head_unrounded(built.model, built.language_head, built.computation.linear)


ADAPTATIONS = (
    Adaptation(
        KEYED_ATTENTION,
        "Attention weights are dropped by the contract's masks; transformers' fused attention draws its own.",
        _has_keyed_attention,
        lambda built: attend_with_keyed_dropout(built.model),
    ),
    Adaptation(
        KEYED_DROPOUT,
        "Every described dropout site uses the contract's masks, at the rate of the module that it replaces.",
        lambda built: True,
        lambda built: replace_dropouts(built.body, built.network.architecture, built.masks),
    ),
    Adaptation(
        NO_OTHER_DROPOUT,
        "All other dropout of a transformers language model is switched off.",
        lambda built: built.language_head is not None,
        lambda built: keep_others_whole(built.model),
        after=(KEYED_DROPOUT,),
    ),
    Adaptation(
        LAST_BLOCK,
        "The last block computes its full output only for the token that the head reads.",
        _reads_alone,
        lambda built: read_in_last_block(built.body, built.network.architecture, _prefix(built)),
        after=(KEYED_DROPOUT,),
    ),
    Adaptation(
        WHOLE_FLOAT64,
        "In float64 nothing is computed in float32, as transformers computes norms and angles of any type.",
        lambda built: built.computation.precision == "float64" and not built.computation.compiles,
        lambda built: keep_float64_whole(built.model, built.rotaries),
        after=(LAST_BLOCK,),
    ),
    Adaptation(
        UNROUNDED_PROJECTION,
        "Narrow embeddings are mapped to residual sums in the type of the parameters.",
        lambda built: built.computation.precision in ROUNDED and projects(built.network.architecture),
        lambda built: keep_projection_unrounded(built.body, built.network.architecture, _prefix(built)),
    ),
    Adaptation(
        UNROUNDED_HEAD,
        "A language model's head computes in the type of its parameters.",
        lambda built: built.language_head is not None,
        _keep_head_unrounded,
    ),
    Adaptation(
        LINEAR_MAPS,
        "float32 linear maps on a CPU are computed by oneDNN; torch.compile has its own products.",
        lambda built: built.computation.products == ONEDNN and not built.computation.compiles,
        lambda built: replace_linear_maps(built.root),
        after=(KEYED_DROPOUT, UNROUNDED_HEAD),
    ),
)
"""Every adaptation, in order. An adapter of linear maps (LoRA) belongs before LINEAR_MAPS."""


def adapt(built: Built, adaptations: Sequence[Adaptation] = ADAPTATIONS) -> tuple[str, ...]:
    """Apply the applicable adaptations in order, and return their names.

    Raises:
        ValueError: an adaptation is listed before one that it must follow.
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
                raise ValueError(f"the adaptation {one.name!r} is listed before {later.name!r}, but must come after it")
