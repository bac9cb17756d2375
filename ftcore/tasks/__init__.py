"""The tasks, by the name that a spec gives."""

from ftcore.tasks.base import TargetCollector, Task
from ftcore.tasks.causal_language_modeling import CausalLanguageModeling
from ftcore.tasks.image_classification import ImageClassification
from ftcore.tasks.instruction_tuning import InstructionTuning
from ftcore.tasks.language import LanguageTask
from ftcore.tasks.masked_language_modeling import MaskedLanguageModeling
from ftcore.tasks.multi_label_classification import MultiLabelClassification
from ftcore.tasks.semantic_role_labeling import SemanticRoleLabeling
from ftcore.tasks.sentence_embedding import SentenceEmbedding
from ftcore.tasks.sequence_classification import SequenceClassification
from ftcore.tasks.summarization import Summarization
from ftcore.tasks.tensors import Tensors
from ftcore.tasks.text_classification import TextClassification
from ftcore.tasks.text_regression import TextRegression
from ftcore.tasks.token_classification import TokenClassification
from ftcore.tasks.translation import Translation

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        TextClassification(),
        MultiLabelClassification(),
        TextRegression(),
        TokenClassification(),
        SemanticRoleLabeling(),
        ImageClassification(),
        SequenceClassification(),
        SentenceEmbedding(),
        Tensors(),
    )
}
"""Tasks whose examples have labels."""
LANGUAGE_TASKS: dict[str, LanguageTask] = {
    task.name: task
    for task in (
        CausalLanguageModeling(),
        InstructionTuning(),
        MaskedLanguageModeling(),
        Summarization(),
        Translation(),
    )
}
"""Tasks of language models."""
AnyTask = Task | LanguageTask
ANY_TASK: dict[str, AnyTask] = {**TASKS, **LANGUAGE_TASKS}

__all__ = ["ANY_TASK", "LANGUAGE_TASKS", "TASKS", "AnyTask", "LanguageTask", "TargetCollector", "Task"]
