"""The tasks, by the name that a spec gives."""

from ftcore.targets.answers import InstructionTuning
from ftcore.targets.bleu import Translation
from ftcore.targets.masked_token import MaskedLanguageModeling
from ftcore.targets.next_token import CausalLanguageModeling
from ftcore.targets.one_number import TextRegression
from ftcore.targets.ready_labels import Tensors
from ftcore.targets.rouge import Summarization
from ftcore.targets.semantic_roles import SemanticRoleLabeling
from ftcore.targets.several_labels import MultiLabelClassification
from ftcore.targets.similarity import SentenceEmbedding
from ftcore.targets.word_tags import TokenClassification
from ftcore.tasks.base import TargetCollector, Task
from ftcore.tasks.image_classification import ImageClassification
from ftcore.tasks.language import LanguageTask
from ftcore.tasks.sequence_classification import SequenceClassification
from ftcore.tasks.text_classification import TextClassification

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
