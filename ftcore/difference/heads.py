"""Chooses the head that both networks get, so that there is a loss to differentiate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ftcore.contract.losses import LOSSES, CrossEntropy, Loss
from ftcore.contract.network import Pooling
from ftcore.models import (
    AnyModelSpec,
    ModelPlan,
    SequenceHead,
    described_head,
    is_language_model,
    plan_language_model,
    plan_pretrained,
    read_config,
    read_family,
)
from ftcore.runs import describe, has_logits, read_description
from ftcore.tasks import TASKS

OUTPUTS = 2
"""Outputs of a random head."""


@dataclass(frozen=True)
class HeadChoice:
    """A head, and the loss of its logits.

    Attributes:
        kind: "trained" and "language model" are the files' head for a task and for every token; the parameters of a
            "drawn" head come from the seed.
        outputs: number of logits; 0 for a language model, which has as many as its vocabulary.
        pooling, normalize: how a sequence becomes one vector, as in a spec; no pooling means the family's default, or a
            head that reads every token.
        pair: "separate" for two sequences per example, else "joint".
        loss: a name in LOSSES, with the defaults of that loss.
        head: the name of the kind of head; "" for a language model.
    """

    kind: Literal["trained", "language model", "drawn"]
    outputs: int
    pooling: Pooling | None
    normalize: bool
    pair: Literal["joint", "separate"]
    loss: str
    head: str

    @property
    def own(self) -> bool:
        """Whether it is the head of the files."""
        return self.kind != "drawn"

    def plan(self, folder: Path, seed: int) -> ModelPlan:
        """Return the network of a folder with this head; both networks draw the same values."""
        if self.kind == "language model":
            return plan_language_model(folder, 0.0, seed)
        spec = AnyModelSpec(
            pretrained=str(folder),
            pooling=self.pooling,
            normalize=self.normalize,
            dropout=0.0,
            replace_head=not self.own,
        )
        head = described_head({"head": self.head, "outputs": self.outputs, "pair": self.pair})
        return plan_pretrained(spec, folder, head, seed, read_description(folder))

    def loss_definition(self) -> Loss:
        """Return the definition of the loss."""
        return LOSSES[self.loss]()


def choose_head(folders: Sequence[Path], seed: int) -> tuple[HeadChoice, list[ModelPlan]]:
    """Return the head for two networks, and both networks with it.

    They keep their own head if both are language models, or both have a trained head of the same form. Otherwise they
    get a random classifier on the family's pooling, or on the mean of the tokens if only one of them has the pooler.
    """
    for choice in _choices(folders):
        plans = [choice.plan(folder, seed) for folder in folders]
        new = {plan.new for plan in plans}
        if (new == {()}) if choice.own else (len(new) == 1):
            break
    return choice, plans


def _choices(folders: Sequence[Path]) -> Iterator[HeadChoice]:
    if all(is_language_model(folder) for folder in folders):
        yield HeadChoice("language model", 0, None, False, "joint", CrossEntropy.name, "")
    if all(has_logits(folder) for folder in folders):
        trained = {_trained(folder) for folder in folders}
        if len(trained) == 1:
            yield from trained
    # The ftcore.json of a folder may set a pooling other than its family's: both get the same one.
    own = {read_family(folder, read_config(folder)).pooling for folder in folders}
    for pooling in (own.pop() if len(own) == 1 else None, "mean"):
        yield HeadChoice("drawn", OUTPUTS, pooling, False, "joint", CrossEntropy.name, SequenceHead.name)


def _trained(folder: Path) -> HeadChoice:
    found = describe(folder)
    return HeadChoice(
        kind="trained",
        outputs=found["outputs"],
        pooling=found.get("pooling"),
        normalize=found.get("normalize", False),
        pair=found["pair"],
        loss=TASKS[found["task"]].target.losses[0].name,
        head=found["head"],
    )
