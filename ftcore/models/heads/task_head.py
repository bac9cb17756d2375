"""Base of the heads of tasks: the head of a checkpoint is kept if it fits, otherwise a new one is drawn."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ftcore.contract.network import Architecture, Head, Network, TokenHead
from ftcore.contract.weights import WEIGHTS, Checkpoint
from ftcore.models.config import CONFIG, family_of, generic_labels, stored_classes, stored_labels, unread_fields
from ftcore.models.families import FAMILIES, Family
from ftcore.models.heads.base import Described, Fitted
from ftcore.models.heads.kept import check_size, check_whole, has_head, refuse, without_task_parameters
from ftcore.models.matching import known_names
from ftcore.models.result_config import labelled_config
from ftcore.models.settings import replaces_head


class TaskHead(ABC):
    """A head for one task; see HeadKind."""

    name: ClassVar[str]
    joins_parts: ClassVar[bool] = False
    families: ClassVar[Mapping[str, Family]] = FAMILIES
    """The families that have such a head, by `model_type`."""
    families_name: ClassVar[str] = "the families"
    """The name of `families` in errors."""

    def family(self, folder: Path, config: Mapping[str, Any]) -> Family:
        """Return the family of a config, which must have such a head."""
        return family_of(folder, config, self.families, self.families_name)

    @abstractmethod
    def head(self, described: Described) -> Head | TokenHead:
        """Return the head for the spec."""

    @abstractmethod
    def any_head(self, architecture: Architecture) -> Head | TokenHead:
        """Return a head of this kind with the family's defaults, to learn which fields of a config it reads."""

    @classmethod
    @abstractmethod
    def transformers_class(cls, family: str) -> str:
        """Return a family's class in transformers with such a head."""

    def other_input(self, network: Network, said: Mapping[str, Any]) -> str:
        """Return how the input vectors of a kept head differ from those of this network, in words; "" if not."""
        return ""

    def names(self, described: Described) -> frozenset[str]:
        """Return every possible checkpoint name of the network's parameters."""
        network = Network(described.architecture, self.head(described))
        return known_names(network, FAMILIES[described.architecture.family])

    def fitted(self, described: Described, checkpoint: Checkpoint, of_file: bool) -> Fitted:
        """Return the network with the checkpoint's head, or with a new one."""
        network = Network(described.architecture, self.head(described))
        outputs = network.head.outputs
        if not outputs or replaces_head(described.spec) or not has_head(checkpoint, network):
            return Fitted(network, without_task_parameters(network))
        if not of_file:
            refuse(checkpoint, self._other_kind(described) or self.other_input(network, described.said))
        check_size(checkpoint, network)
        check_whole(checkpoint, network)
        labels = stored_labels(described.folder, described.config)
        if of_file and labels is not None and len(labels) != outputs:
            # The labels in the folder need not belong to the head in a separate file of weights.
            labels = None
        notes = self._notes(described, checkpoint, of_file, outputs)
        return Fitted(network, network.tensors, labels, notes, is_unnamed=labels is None and not of_file)

    def _notes(self, described: Described, checkpoint: Checkpoint, of_file: bool, outputs: int) -> tuple[str, ...]:
        """Return notes for the user about a kept head that nothing describes."""
        if of_file:
            return (_order_note(checkpoint.path),) if outputs > 1 else ()
        if "head" in described.said or stored_classes(described.config):
            return ()
        taken = self.transformers_class(described.architecture.family)
        return (f"{CONFIG} names no architectures: the checkpoint's head is taken for that of {taken}",)

    def _other_kind(self, described: Described) -> str:
        """Return a reason if the head is of another kind of task, whose tensors have the same names; else ""."""
        said = described.said
        if "head" in said:
            of_task = f" (task {said['task']})" if "task" in said else ""
            return "" if said["head"] == self.name else f"is of the kind {said['head']}{of_task}, not {self.name}"
        wanted = self.transformers_class(described.architecture.family)
        classes = stored_classes(described.config) or [wanted]
        return "" if wanted in classes else f"is that of {', '.join(classes)}, not of {wanted}"

    def ignored_fields(self, config: Mapping[str, Any]) -> list[str]:
        """Return the fields of a config that change nothing; none in ftcore's own families, which refuse them."""
        family = FAMILIES[config["model_type"]]
        if not family.body_class:
            return []
        return unread_fields(config, lambda: self.any_head(family.architecture(config, None)))

    def notes_from_scratch(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def generation(self, architecture: Architecture, folder: Path | None) -> Mapping[str, Any]:
        """Return {}: a task's head generates no texts."""
        return {}

    def result_class(self, network: Network) -> str:
        """Return the class in transformers with such a head, or that of the plain model."""
        name = network.architecture.family
        return FAMILIES[name].body_class if self.is_apart(network) else self.transformers_class(name)

    def is_apart(self, network: Network) -> bool:
        """Return false: transformers has such a head."""
        return False

    def result_config(self, network: Network, labels: Sequence[str], problem_type: str, dtype: str) -> dict[str, Any]:
        """Return config.json of a result, with its labels."""
        names = labels or generic_labels(network.head.outputs)
        return labelled_config(network, self.result_class(network), names, problem_type, dtype)

    def facts(self, network: Network) -> dict[str, Any]:
        """Return the fields of ftcore.json for the head."""
        return {"head": self.name, "outputs": network.head.outputs, "pair": "joint"}

    def write_further(self, folder: Path, network: Network, description: Mapping[str, Any]) -> list[str]:
        """Write nothing."""
        return []

    def result_notes(self, network: Network) -> list[str]:
        """Return notes for the user if transformers does not have the result's model."""
        family = FAMILIES[network.architecture.family]
        if family.body_class:
            return []
        return [
            f"transformers has no model of type {family.name}: ftcore evaluate and predict read the folder, and "
            f"{WEIGHTS} holds a state dict with PyTorch's names"
        ]


def _order_note(weights: Path) -> str:
    return f"{weights.name}: its head is kept, and its outputs are assumed to be in the order of the data's labels"
