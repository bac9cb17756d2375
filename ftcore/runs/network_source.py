"""Plans the network of a spec once its head is known."""

from pathlib import Path

from ftcore.contract.network import Architecture
from ftcore.inputs import Input
from ftcore.models import HeadKind, ModelPlan, ModelSpec, described, model_folder, parts_of, plan_model
from ftcore.runs.description import read_description
from ftcore.spec import TaskSpec


class SpecNetwork:
    """The network that a spec asks for.

    Args:
        spec: the spec.
        kind: the kind of input of the network, which finds the tokenizer folders.
        base: the folder of relative locations.
    """

    def __init__(self, spec: TaskSpec, kind: Input, base: Path) -> None:
        self._model: ModelSpec = spec.model
        self._seed = spec.training.seed
        self._base = base
        self._tokenizers = kind.tokenizers(spec.model, spec.data, base)
        self._planned: dict[HeadKind, ModelPlan] = {}

    def described(self) -> tuple[Path, Architecture]:
        """Return the folder with the description of the network, and the description; no weights are read."""
        return described(self._model, self._base)

    def planned(self, head: HeadKind) -> ModelPlan:
        """Return the network with a head, with a value for every parameter."""
        if head not in self._planned:
            self._planned[head] = self._plan(head)
        return self._planned[head]

    def _plan(self, head: HeadKind) -> ModelPlan:
        source, target = (None, None) if self._tokenizers is None else self._tokenizers.folders()
        description = None if any(parts_of(self._model)) else read_description(model_folder(self._model, self._base))
        return plan_model(self._model, head, self._seed, self._base, source, target, description)
