"""The head of a classifier or regression of a whole sequence, or of a pair."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from ftcore.contract.network import Architecture, Head, Network
from ftcore.contract.weights import HEAD
from ftcore.models.families import FAMILIES
from ftcore.models.heads.base import Described
from ftcore.models.heads.named_head import NamedHead
from ftcore.models.settings import normalize_of, pooling_of

Pair = Literal["joint", "separate"]
"""How the two texts of an example are read: as one sequence, or as two."""


@dataclass(frozen=True)
class SequenceHead(NamedHead):
    """Maps the pooled vector of a sequence, or of both sequences of a pair, to logits.

    With the family's own pooling, a result is an ordinary sequence classifier of transformers. With another pooling or
    separately encoded pairs, it is the family's plain model, with the head's tensors in head.safetensors.

    Attributes:
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pair: "separate" for two sequences per example, else "joint".
    """

    outputs: int
    pair: Pair = "joint"

    name: ClassVar[str] = "sequence"

    @classmethod
    def described(cls, fields: Mapping[str, Any]) -> "SequenceHead":
        """Return the head with these fields of ftcore.json."""
        return cls(fields["outputs"], fields.get("pair", "joint"))

    def head(self, described: Described) -> Head:
        """Return the family's head, with the pooling of the spec, else of the folder, else of the family."""
        return pooled_head(described, described.said, self.outputs, self.pair)

    def any_head(self, architecture: Architecture) -> Head:
        """Return the family's head."""
        family = FAMILIES[architecture.family]
        return family.head(architecture, 1, family.pooling, "joint")

    @classmethod
    def transformers_class(cls, family: str) -> str:
        """Return the sequence classifier's class."""
        return FAMILIES[family].classifier_class

    def other_input(self, network: Network, said: Mapping[str, Any]) -> str:
        """Return how the input vectors of a kept head differ from those of this network, in words."""
        usual = {"pooling": FAMILIES[network.architecture.family].pooling, "normalize": False, "pair": "joint"}
        stored = {name: said.get(name, value) for name, value in usual.items()}
        asked = pooled_facts(network)
        return " and ".join(
            f"was trained with {name} {_in_yaml(stored[name])}, not {_in_yaml(asked[name])}"
            for name in stored
            if stored[name] != asked[name]
        )

    def is_apart(self, network: Network) -> bool:
        """Return whether transformers has the family's model, but no classifier of such vectors."""
        family, head = FAMILIES[network.architecture.family], network.head
        is_own = head.pooling == family.pooling and head.pair == "single" and not head.normalize
        return bool(family.body_class) and not is_own

    def facts(self, network: Network) -> dict[str, Any]:
        """Return the fields of ftcore.json for the head."""
        return {"head": self.name, "outputs": network.head.outputs, **pooled_facts(network)}

    def result_notes(self, network: Network) -> list[str]:
        """Return notes for the user if transformers does not have the result's model or classifier."""
        return [_apart_note(network)] if self.is_apart(network) else super().result_notes(network)


def pooled_head(described: Described, said: Mapping[str, Any], outputs: int, pair: Pair) -> Head:
    """Return a family's head of pooled vectors.

    Args:
        described: the network; its spec may give pooling and normalize.
        said: gives the defaults of both; else pooling is the family's, and nothing is normalized.
        outputs: number of logits; 0 for no classifier.
        pair: "separate" for two sequences per example, else "joint".
    """
    family, spec = FAMILIES[described.architecture.family], described.spec
    pooling = pooling_of(spec) or said.get("pooling", family.pooling)
    asked = normalize_of(spec)
    normalize = said.get("normalize", False) if asked is None else asked
    return replace(family.head(described.architecture, outputs, pooling, pair), normalize=normalize)


def pooled_facts(network: Network) -> dict[str, Any]:
    """Return the fields of ftcore.json about the vectors that a head reads."""
    head = network.head
    pair = "joint" if head.pair == "single" else "separate"
    return {"pooling": head.pooling, "normalize": head.normalize, "pair": pair}


def _in_yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _apart_note(network: Network) -> str:
    head, family = network.head, FAMILIES[network.architecture.family]
    unlike = ["normalized vectors"] if head.normalize else []
    unlike += ["separate pairs"] if head.pair != "single" else []
    how = " and ".join([f"pooling {head.pooling}", *unlike])
    return (
        f"transformers has no classifier with {how}: the folder loads as AutoModel ({family.body_class}), with the "
        f"head's tensors beside it in {HEAD}; ftcore evaluate and predict read both"
    )
