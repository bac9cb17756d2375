"""Defines the kinds of target: what is learned, and how it is evaluated and predicted."""

from ftcore.targets.answers import Answers
from ftcore.targets.base import BestMetric, Known, Mode, Objective, Prediction, Target
from ftcore.targets.bleu import Bleu
from ftcore.targets.extracted_answer import ExtractedAnswer
from ftcore.targets.label_numbers import number_of
from ftcore.targets.masked_token import MaskedToken
from ftcore.targets.next_token import NextToken
from ftcore.targets.one_label import OneLabel
from ftcore.targets.one_number import OneNumber
from ftcore.targets.ready_labels import ReadyLabels
from ftcore.targets.rewriting import Rewriting
from ftcore.targets.rouge import Rouge
from ftcore.targets.semantic_roles import SemanticRoles
from ftcore.targets.several_labels import SeveralLabels
from ftcore.targets.similarity import Similarity
from ftcore.targets.word_tags import WordTags

__all__ = [
    "Answers",
    "BestMetric",
    "Bleu",
    "ExtractedAnswer",
    "Known",
    "MaskedToken",
    "Mode",
    "NextToken",
    "Objective",
    "OneLabel",
    "OneNumber",
    "Prediction",
    "ReadyLabels",
    "Rewriting",
    "Rouge",
    "SemanticRoles",
    "SeveralLabels",
    "Similarity",
    "Target",
    "WordTags",
    "number_of",
]
