"""Describes networks without a framework: an architecture, a head and named parameters."""

from ftcore.contract.network.activation import Activation
from ftcore.contract.network.architecture import Architecture, Input, NativeBody, TokenBody, TransformersNames
from ftcore.contract.network.attention import Attention, Disentangled, PositionTerm, RelativePositions, Rotary
from ftcore.contract.network.disentangled import table_rows
from ftcore.contract.network.encoder_decoder import DECODER, ENCODER, EncoderDecoder
from ftcore.contract.network.features import Features
from ftcore.contract.network.feed_forward import EmbeddingConvolution, FeedForward
from ftcore.contract.network.head import (
    HEAD_DROPOUT,
    ONE_TOKEN,
    POOLER_DROPOUT,
    SHORTEST,
    Dense,
    Head,
    PairFeatures,
    Pooling,
    TokenHead,
)
from ftcore.contract.network.image_convolution import ImageConvolution
from ftcore.contract.network.images import check_images, check_statistics, image_input
from ftcore.contract.network.network import Module, Network
from ftcore.contract.network.norm import Norm, NormPlace
from ftcore.contract.network.parameter import TABLE_PATH, Parameter, Role
from ftcore.contract.network.patches import Patches
from ftcore.contract.network.recurrent import GATES, Cell, Recurrent
from ftcore.contract.network.relative import buckets_of
from ftcore.contract.network.residual_convolution import Convolution, ResidualBlock, ResidualConvolution
from ftcore.contract.network.text_convolution import TextConvolution
from ftcore.contract.network.transformer import Transformer

__all__ = [
    "DECODER",
    "ENCODER",
    "GATES",
    "HEAD_DROPOUT",
    "ONE_TOKEN",
    "POOLER_DROPOUT",
    "SHORTEST",
    "TABLE_PATH",
    "Activation",
    "Architecture",
    "Attention",
    "Cell",
    "Convolution",
    "Dense",
    "Disentangled",
    "EmbeddingConvolution",
    "EncoderDecoder",
    "Features",
    "FeedForward",
    "Head",
    "ImageConvolution",
    "Input",
    "Module",
    "NativeBody",
    "Network",
    "Norm",
    "NormPlace",
    "PairFeatures",
    "Parameter",
    "Patches",
    "Pooling",
    "PositionTerm",
    "Recurrent",
    "RelativePositions",
    "ResidualBlock",
    "ResidualConvolution",
    "Role",
    "Rotary",
    "TextConvolution",
    "TokenBody",
    "TokenHead",
    "Transformer",
    "TransformersNames",
    "buckets_of",
    "check_images",
    "check_statistics",
    "image_input",
    "table_rows",
]
