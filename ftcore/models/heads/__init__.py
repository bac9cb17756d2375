"""The kinds of heads: each knows its families, how it is built, what it keeps of a checkpoint and how it is written."""

from ftcore.models.heads.answer_span import AnswerSpanHead
from ftcore.models.heads.base import HeadKind
from ftcore.models.heads.language_model import LanguageModelHead
from ftcore.models.heads.sequence import SequenceHead
from ftcore.models.heads.token import TokenClassifierHead
from ftcore.models.heads.vector import VectorHead

__all__ = ["AnswerSpanHead", "HeadKind", "LanguageModelHead", "SequenceHead", "TokenClassifierHead", "VectorHead"]
