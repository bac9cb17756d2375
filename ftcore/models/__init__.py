"""Models: the `model` part of a spec, families, heads, weights, plans of networks, and result folders."""

from ftcore.formats import DESCRIPTION
from ftcore.models.added_tokens import with_added_tokens
from ftcore.models.config import (
    CONFIG,
    GENERATION_CONFIG,
    generic_labels,
    read_architecture,
    read_config,
    read_family,
    read_language_model_family,
    stored_classes,
    stored_labels,
)
from ftcore.models.description import LENGTH, is_language_model, read_raw_description
from ftcore.models.families import ENCODER_DECODERS, FAMILIES, LANGUAGE_MODELS, TOKEN_CLASSIFIERS, Family, fields
from ftcore.models.flops import StepFlops, matmul_shapes, step_flops
from ftcore.models.folder import read_model, write_model
from ftcore.models.head_of_folder import described_head, named_head
from ftcore.models.heads import HeadKind, LanguageModelHead, SequenceHead, TokenClassifierHead, VectorHead
from ftcore.models.initial import draw, drawn_tensors
from ftcore.models.lean_table import LeanTable, lean_table
from ftcore.models.location import resolve, weights_file
from ftcore.models.model_plan import ModelPlan, with_generation
from ftcore.models.parameters import decay_exempt, least_decayed_dimensions, trainable_names
from ftcore.models.places import Places, check_no_module, described, model_folder
from ftcore.models.plan import plan_language_model, plan_model, plan_pretrained
from ftcore.models.sentence_reading import SentenceSettings, check_padding, sentence_settings, stored_length
from ftcore.models.settings import (
    MODULE,
    AnyModelSpec,
    FromScratch,
    ModelPart,
    ModelSpec,
    NewHead,
    OwnModule,
    PooledHead,
    TwoParts,
    module_of,
    parts_of,
)
from ftcore.models.training_flops import training_flops
from ftcore.models.warm_start import plan_bert2bert

__all__ = [
    "CONFIG",
    "DESCRIPTION",
    "ENCODER_DECODERS",
    "FAMILIES",
    "GENERATION_CONFIG",
    "LANGUAGE_MODELS",
    "LENGTH",
    "MODULE",
    "TOKEN_CLASSIFIERS",
    "AnyModelSpec",
    "Family",
    "FromScratch",
    "HeadKind",
    "LanguageModelHead",
    "LeanTable",
    "ModelPart",
    "ModelPlan",
    "ModelSpec",
    "NewHead",
    "OwnModule",
    "Places",
    "PooledHead",
    "SentenceSettings",
    "SequenceHead",
    "StepFlops",
    "TokenClassifierHead",
    "TwoParts",
    "VectorHead",
    "check_no_module",
    "check_padding",
    "decay_exempt",
    "described",
    "described_head",
    "draw",
    "drawn_tensors",
    "fields",
    "generic_labels",
    "is_language_model",
    "lean_table",
    "least_decayed_dimensions",
    "matmul_shapes",
    "model_folder",
    "module_of",
    "named_head",
    "parts_of",
    "plan_bert2bert",
    "plan_language_model",
    "plan_model",
    "plan_pretrained",
    "read_architecture",
    "read_config",
    "read_family",
    "read_language_model_family",
    "read_model",
    "read_raw_description",
    "resolve",
    "sentence_settings",
    "step_flops",
    "stored_classes",
    "stored_labels",
    "stored_length",
    "trainable_names",
    "training_flops",
    "weights_file",
    "with_added_tokens",
    "with_generation",
    "write_model",
]
