"""The tasks, by the name that a spec gives."""

from ftcore.tasks.base import TargetCollector, Task
from ftcore.tasks.image_classification import ImageClassification
from ftcore.tasks.multi_label_classification import MultiLabelClassification
from ftcore.tasks.semantic_role_labeling import SemanticRoleLabeling
from ftcore.tasks.text_classification import TextClassification
from ftcore.tasks.text_regression import TextRegression
from ftcore.tasks.token_classification import TokenClassification

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        TextClassification(),
        MultiLabelClassification(),
        TextRegression(),
        TokenClassification(),
        SemanticRoleLabeling(),
        ImageClassification(),
    )
}

__all__ = ["TASKS", "TargetCollector", "Task"]
