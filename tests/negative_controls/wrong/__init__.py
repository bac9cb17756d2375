"""Backends that are right but for one fault each, and the rung of the ladder that must find it."""

from collections.abc import Callable

from ftcore.contract import Backend
from wrong.accumulation import MeanOfMeans
from wrong.bad_steps import BadStepsCounted
from wrong.cut_off import CutOff
from wrong.decay import DecayOnBiases
from wrong.dropout import MasksOfItsOwn, OneMask
from wrong.epsilon import EpsilonBeforeCorrection
from wrong.frozen import DecayOfFrozen
from wrong.gelu import TanhForErf
from wrong.kernel import TransposedKernel
from wrong.learning_rate import OneStepLate
from wrong.loss_scale import ScaleNeverHalved
from wrong.mask import MaskOffByOne
from wrong.moments import MomentsLost
from wrong.negatives import NoScale
from wrong.norm import NormEpsilon
from wrong.order import OneBatchBehind
from wrong.packing import AttendsToNeighbours, PositionsRunOn
from wrong.padding import MaskFromTokens
from wrong.positions import PositionsFromZero
from wrong.resumed_step import StepForgotten
from wrong.rounding import ThroughHalfPrecision
from wrong.signature import ArgumentRenamed
from wrong.smoothing import NoSmoothing
from wrong.wrapping import WrappedBackend

CONTROLS: dict[Callable[[Backend], WrappedBackend], str] = {
    ArgumentRenamed: "signatures",
    ThroughHalfPrecision: "tensors",
    NoSmoothing: "losses",
    NoScale: "losses",
    TransposedKernel: "forward",
    TanhForErf: "forward",
    NormEpsilon: "forward",
    MaskOffByOne: "forward",
    CutOff: "gradients",
    EpsilonBeforeCorrection: "optimizers",
    DecayOnBiases: "optimizers",
    OneStepLate: "learning rates",
    OneBatchBehind: "order",
    MeanOfMeans: "accumulation",
    BadStepsCounted: "not finite",
    ScaleNeverHalved: "loss scaling",
    DecayOfFrozen: "trainable",
    MomentsLost: "curve",
    StepForgotten: "state",
    OneMask: "dropout",
    MasksOfItsOwn: "dropout",
    MaskFromTokens: "padding",
    PositionsRunOn: "packing",
    AttendsToNeighbours: "packing",
    PositionsFromZero: "families",
}
"""Each wrong backend and its own rung."""
