"""The kinds of heads, each with its families, construction, use of a checkpoint, and output files."""

from ftcore.models.heads.answer_span import AnswerSpanHead
from ftcore.models.heads.base import HeadKind
from ftcore.models.heads.language_model import LanguageModelHead
from ftcore.models.heads.sequence import SequenceHead
from ftcore.models.heads.token import TokenClassifierHead
from ftcore.models.heads.vector import VectorHead

__all__ = ["AnswerSpanHead", "HeadKind", "LanguageModelHead", "SequenceHead", "TokenClassifierHead", "VectorHead"]
