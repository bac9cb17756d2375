"""The tasks, by the name that a spec gives."""

from ftcore.tasks.base import TargetCollector, Task
from ftcore.tasks.image_classification import ImageClassification
from ftcore.tasks.multi_label_classification import MultiLabelClassification
from ftcore.tasks.sentence_embedding import SentenceEmbedding
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
        ImageClassification(),
        SentenceEmbedding(),
    )
}

__all__ = ["TASKS", "TargetCollector", "Task"]
