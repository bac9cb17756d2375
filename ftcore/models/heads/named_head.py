"""Base of the heads of tasks that config.json names, by the class of a checkpoint in transformers."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

from ftcore.models.config import stored_classes, stored_outputs
from ftcore.models.heads.task_head import TaskHead


class NamedHead(TaskHead):
    """A head with a class of its own in transformers."""

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> Self | None:
        """Return the head that a config names; None if it names another class.

        Args:
            config: config.json as read.
        """
        family = str(config.get("model_type"))
        if family not in cls.families or cls.transformers_class(family) not in stored_classes(config):
            return None
        return cls.described({"outputs": stored_outputs(config)})

    @classmethod
    @abstractmethod
    def described(cls, fields: Mapping[str, Any]) -> Self:
        """Return the head with these fields of ftcore.json: `outputs`, and `pair` if it is not "joint"."""
