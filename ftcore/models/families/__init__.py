"""The model families, by the `model_type` of their configs."""

from ftcore.models.families import fields
from ftcore.models.families.albert import Albert
from ftcore.models.families.bart import BARTS
from ftcore.models.families.base import Family, LanguageModelFamily, TokenClassifierFamily
from ftcore.models.families.bert import Bert
from ftcore.models.families.bert2bert import Bert2Bert
from ftcore.models.families.deberta_v2 import DebertaV2
from ftcore.models.families.decoder import Decoder
from ftcore.models.families.distilbert import DistilBert
from ftcore.models.families.electra import Electra
from ftcore.models.families.gemma import GEMMAS
from ftcore.models.families.gpt2 import GPT2
from ftcore.models.families.image_cnn import ImageCnn
from ftcore.models.families.linear import Linear
from ftcore.models.families.llama import LLAMAS
from ftcore.models.families.modernbert import ModernBert
from ftcore.models.families.mpnet import MPNet
from ftcore.models.families.phi3 import PHI3
from ftcore.models.families.recurrent import RECURRENT
from ftcore.models.families.resnet import ResNet
from ftcore.models.families.roberta import ROBERTAS
from ftcore.models.families.t5 import MT5, T5
from ftcore.models.families.text_cnn import TextCnn
from ftcore.models.families.vit import VITS

ENCODERS: tuple[TokenClassifierFamily, ...] = (
    Bert(),
    *ROBERTAS,
    DistilBert(),
    Albert(),
    Electra(),
    MPNet(),
    DebertaV2(),
    ModernBert(),
)
DECODERS: tuple[Decoder, ...] = (GPT2, *LLAMAS, *GEMMAS, PHI3)
IMAGES: tuple[Family, ...] = (*VITS, ResNet())
NATIVE: tuple[Family, ...] = (*RECURRENT, TextCnn(), ImageCnn(), Linear())
FAMILIES: dict[str, Family] = {family.name: family for family in (*ENCODERS, *DECODERS, *IMAGES, *NATIVE)}
OF_PAIRS: tuple[LanguageModelFamily, ...] = (T5, MT5, *BARTS, Bert2Bert())
ENCODER_DECODERS: dict[str, LanguageModelFamily] = {family.name: family for family in OF_PAIRS}
WITH_TOKEN_HEADS: tuple[LanguageModelFamily, ...] = (Bert(), *DECODERS, *OF_PAIRS)
LANGUAGE_MODELS: dict[str, LanguageModelFamily] = {family.name: family for family in WITH_TOKEN_HEADS}
OF_TOKENS: tuple[TokenClassifierFamily, ...] = (*ENCODERS, *(one for one in DECODERS if one.classifies_tokens))
TOKEN_CLASSIFIERS: dict[str, TokenClassifierFamily] = {family.name: family for family in OF_TOKENS}

__all__ = [
    "ENCODER_DECODERS",
    "FAMILIES",
    "LANGUAGE_MODELS",
    "NATIVE",
    "TOKEN_CLASSIFIERS",
    "Family",
    "LanguageModelFamily",
    "TokenClassifierFamily",
    "fields",
]
