"""The contract between the core and a backend, and how backends are found.

The core decides everything that makes two runs the same run; a backend only computes. NumPy arrays cross
the line inward; device scalars cross it outward and are read only when someone needs the number.
"""

import importlib.metadata
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, SupportsFloat

import numpy as np

from ftcore.errors import BackendError
from ftcore.losses import Loss
from ftcore.models.network import Module, Network
from ftcore.optimizers import Optimizer
from ftcore.suggestions import did_you_mean

GROUP = "ftcore.backends"
PrepareProduct = Callable[[np.ndarray, np.ndarray], Callable[[], object]]
"""float32 [rows, inner] and [inner, columns] to a function that multiplies them, and returns when it is done."""
TOKEN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""The inputs of padded tokens, int32 [sequences, length] each."""


@dataclass(frozen=True)
class Override:
    """One framework default that this backend replaces to meet the contract (`ftcore doctor --semantics`)."""

    subject: str
    framework_default: str
    contract: str
    why: str


@dataclass(frozen=True)
class BackendInfo:
    """What a backend is and can do.

    Attributes:
        name: the registered name.
        versions: package name to version.
        devices: names that `Backend.build` accepts, the preferred one first.
        precisions: values of the spec's `precision` that it carries out.
        options: the names and defaults of the spec's `backend.NAME` options.
        step_modes: for each way of compiling a step, the options that choose it; conformance runs all.
        overrides: the framework defaults that it replaces.
    """

    name: str
    versions: Mapping[str, str]
    devices: Sequence[str]
    precisions: Sequence[str]
    options: Mapping[str, Any]
    step_modes: Mapping[str, Mapping[str, Any]]
    overrides: Sequence[Override]


@dataclass(frozen=True)
class Program:
    """Everything a backend must know to build a learner.

    Attributes:
        network: a neutral description (architecture and head), or a foreign module as it is.
        loss: the loss's definition; None where only `forward` is used.
        optimizer: the optimizer's definition; None where nothing is trained.
        clip_norm: global-norm clipping over the trainable parameters, or None.
        trainable: names of the parameters that are trained; None means every parameter.
        decay_exempt: names of the parameters that weight decay leaves alone; None lets the backend
            decide by each parameter's role, which only a foreign module needs.
        precision: "float32" or "float64" of everything; or "bfloat16" or "float16": the body's linear maps and
            attention products have operands and results rounded to it, and all else (parameters, optimizer state,
            residual sums, norms, softmax, head, loss) is float32. With float16 the loss is scaled
            (ftcore.optimizers.loss_scaling), and the scale is part of the optimizer's state.
        seed: keys the dropout masks, together with the step.
        options: this backend's own options, as in `BackendInfo.options`.
        began_with: `Learner.options` of the run that goes on; {} of one that an earlier version began, which did not
            note them; None of a new run. Where an option leaves a choice to the backend, it makes the same one.
    """

    network: Network | Module
    loss: Loss | None = None
    optimizer: Optimizer | None = None
    clip_norm: float | None = None
    trainable: frozenset[str] | None = None
    decay_exempt: frozenset[str] | None = None
    precision: str = "float32"
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    began_with: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Batch:
    """Examples as rectangular arrays.

    Attributes:
        inputs: for a token network `input_ids`, `attention_mask`, `token_type_ids`: int32 [sequences, length];
            for ready features `features`: float [examples, size]; for sequences of ready vectors `values`: float
            [sequences, length, channels], and `attention_mask`; for images `pixel_values`: float [examples, channels,
            height, width]; for a foreign module whatever it takes. Floating inputs of another type than the
            parameters are cast to it. Padding is on the right.
            A network that encodes two texts of an example separately has 2 * examples sequences: those of
            example i are rows 2i and 2i + 1. Of three texts, there are 3 * examples.
            An encoder-decoder has `decoder_input_ids` and `decoder_attention_mask`, int32 [rows, target length], too,
            and its labels and weights are [rows, target length].
            Packed rows have no `attention_mask`, but `position_ids`, which restart at each sequence, and
            `segment_ids`, the number of the sequence that a token belongs to (for padding: the number of sequences),
            both int32 [rows, length]; a token attends to its own segment alone. `starts` and `lengths`, int32
            [sequences], say where each sequence begins in the rows laid end to end; `sequences`, int32 [rows, slots],
            which sequences lie in each row, filled up with the number of sequences.
        targets: what the loss reads: `labels`, int32 [examples] or float32 [examples, outputs]; may be empty.
            Where vectors are learned float32 [examples, 1], or [examples, 0] where examples have no scores.
            A network with a TokenHead has int32 [rows, length], for each position of its logits.
        weights: float32 [examples], the weight of each example in the loss; with a TokenHead float32 [rows, length],
            that of each position, 0 where there is no label (the label is then any class).
        example_ids: int64 [examples], the row of each example in its data set.
        tokens: number of real tokens (0 where the inputs are not tokens).
    """

    inputs: Mapping[str, np.ndarray]
    targets: Mapping[str, np.ndarray]
    weights: np.ndarray
    example_ids: np.ndarray
    tokens: int = 0

    @property
    def examples(self) -> int:
        """Number of examples."""
        return len(self.example_ids)


@dataclass(frozen=True)
class Step:
    """One optimizer step.

    Attributes:
        index: 1 for the first step of a run.
        batches: the global batch, split into one or more micro-batches.
        total_weight: the loss's weight summed over the whole global batch; the gradient is that of
            (sum of weighted losses) / total_weight.
        learning_rate: of this step.
    """

    index: int
    batches: Sequence[Batch]
    total_weight: float
    learning_rate: float


@dataclass(frozen=True)
class StepResult:
    """What a step gives back, still on the device: float(...) waits for it.

    Attributes:
        loss: sum of weighted losses / total_weight.
        grad_norm: global norm over the trainable parameters, before clipping.
        finite: 1 when loss and norm were finite; 0 when not, and then nothing was changed.
    """

    loss: SupportsFloat
    grad_norm: SupportsFloat
    finite: SupportsFloat


@dataclass(frozen=True)
class Want:
    """Which outputs `forward` must give beside the logits.

    Attributes:
        logits: False for a network without a head.
        loss: the sum of weighted losses.
        hidden_states: the embeddings' output and every block's, of an encoder-decoder the encoder's first; of a family
            of ftcore's own 0 at padding.
        pooled: the pooled vector that the head reads.
        likelihood: how probable the labels of positions are, of a network with a TokenHead; logits over a vocabulary
            are large, and stay on the device for it.
    """

    logits: bool = True
    loss: bool = False
    hidden_states: bool = False
    pooled: bool = False
    likelihood: bool = False


@dataclass(frozen=True)
class Likelihood:
    """How probable a batch's labels are.

    Attributes:
        log_probability: the sum over positions of weight * log softmax(logits)[label], nats.
        hits: the sum of the weights of positions whose largest logit is the label's.
    """

    log_probability: float
    hits: float


@dataclass(frozen=True)
class Outputs:
    """Outputs of `forward`; what was not wanted is None.

    Attributes:
        logits: float [examples, outputs]; with a TokenHead [rows, length, outputs]; of a head that gives vectors
            [sequences, hidden].
        loss: sum of weighted losses over the batch.
        hidden_states: blocks + 1 arrays, float [sequences, length, hidden]; of images [examples, channels, height,
            width].
        pooled: float [sequences, hidden].
        likelihood: of the labels.
    """

    logits: np.ndarray | None = None
    loss: float | None = None
    hidden_states: Sequence[np.ndarray] | None = None
    pooled: np.ndarray | None = None
    likelihood: Likelihood | None = None


class Decoding(Protocol):
    """Sequences that are being written, with what the network keeps of their tokens: the key-value cache."""

    @property
    def logits(self) -> np.ndarray:
        """Of the token after each prompt, float [rows, outputs]."""
        ...

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """Append a token to each sequence, and return the logits of the one after it.

        Args:
            tokens: int32 [sequences].
            order: int [sequences], for each the one before that it goes on, of which there may be more or fewer; None
                where each goes on itself.

        Returns:
            float [sequences, outputs].
        """
        ...


class Learner(Protocol):
    """One network with its loss and optimizer. Several may live in one process."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Every option of the backend, by name, with the value that this learner was built with.

        Where an option leaves a choice to the backend, it is what was chosen. environment.json holds them.
        """
        ...

    def train_step(self, step: Step) -> StepResult:
        """Train on one global batch: all or nothing, see `StepResult.finite`."""
        ...

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        """Return the gradient of each trained parameter, before clipping, dropout off; nothing is changed."""
        ...

    def forward(self, batch: Batch, want: Want) -> Outputs:
        """Compute without training: dropout off."""
        ...

    def decoding(self, inputs: Mapping[str, np.ndarray]) -> Decoding:
        """Begin to write after prompts, dropout off; the parameters must stay as they are meanwhile.

        Args:
            inputs: of a decoder `input_ids` and `attention_mask`, int32 [rows, length], padded on the left; of an
                encoder-decoder those of the encoder, padded on the right, and `decoder_input_ids`, int32 [rows, target
                length], without padding.

        Raises:
            BackendError: the network is no language model that writes.
        """
        ...

    def tensors(self) -> Mapping[str, np.ndarray]:
        """Return copies of parameters and buffers under the checkpoint's names, shapes and layouts."""
        ...

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Replace every parameter and buffer; a missing, unexpected or misshapen one is a ModelError."""
        ...

    def optimizer_state(self) -> Mapping[str, np.ndarray]:
        """Return the optimizer's state as "SLOT/PARAMETER", and "step"; any backend can go on from it."""
        ...

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the optimizer's state by one that `optimizer_state` gave, here or on another backend."""
        ...


class Backend(Protocol):
    """A framework that carries out programs."""

    name: str
    requires: tuple[str, ...]
    """Top-level packages that must be installed."""

    def info(self) -> BackendInfo:
        """Return versions, devices and capabilities."""
        ...

    @staticmethod
    def recognises(module: object) -> bool:
        """Return whether `module` is a network of this framework; the framework is not imported for it."""
        ...

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        """Put a file's tensors into a foreign module, each exactly once, running nothing of the file.

        Returns:
            Notes for the user.

        Raises:
            ModelError: the file is not of a form that this framework's modules have, or does not fit.
        """
        ...

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        """Return which inputs of a token network a foreign module is given, and under which names it takes them.

        Raises:
            ModelError: it takes others.
        """
        ...

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        """Set up the process before a user's code builds a foreign module.

        Args:
            seed: of the generators from which the code draws initial parameters.
            threads: CPU threads; None: every core.
        """
        ...

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        """Return the libraries that multiply float32 matrices on a CPU, by name, to measure what a machine can do.

        Args:
            threads: CPU threads; None: every core.
        """
        ...

    def build(self, program: Program, device: str = "auto") -> Learner:
        """Build a learner; its parameters are undefined until `load_tensors`, except a foreign module's.

        Raises:
            BackendError: the device, precision, option or network is not supported; says which are.
        """
        ...


def names() -> list[str]:
    """Return the registered backends' names; nothing is imported."""
    return sorted({entry.name for entry in importlib.metadata.entry_points(group=GROUP)})


def load(name: str) -> Backend:
    """Import a backend and return it.

    Raises:
        BackendError: no backend has this name, or its framework is not installed.
    """
    check_installed(name)
    kind: type[Backend] = _entry(name).load()
    return kind()


def check_installed(name: str) -> None:
    """Check that a backend can be loaded; its framework is not imported.

    Raises:
        BackendError: no backend has this name, or its framework is not installed.
    """
    if missing := _missing(_entry(name).load()):
        raise BackendError(
            f"backend {name!r} needs the package {missing[0]!r}, which is not installed: pip install 'ftcore[{name}]'"
        )


def is_installed(name: str) -> bool:
    """Return whether the packages that a registered backend needs are there; none is imported."""
    return not _missing(_entry(name).load())


def modules(name: str) -> list[str]:
    """Return the modules `name` that lie beside installed backends in their packages; no framework is imported."""
    packages = [_entry(backend).module.partition(".")[0] for backend in names() if is_installed(backend)]
    return [f"{package}.{name}" for package in packages if _has_module(package, name)]


def _has_module(package: str, name: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package}.{name}") is not None
    except ModuleNotFoundError:  # the package is a module
        return False


def _entry(name: str) -> importlib.metadata.EntryPoint:
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.name == name:
            return entry
    near = did_you_mean(name, names())
    raise BackendError(f"there is no backend {name!r}{near}; registered: {', '.join(names()) or 'none'}")


def _missing(kind: type[Backend]) -> list[str]:
    return [package for package in kind.requires if importlib.util.find_spec(package) is None]


def for_module(module: object) -> str:
    """Return the name of the backend whose framework `module` belongs to; no framework is imported.

    Raises:
        BackendError: no registered backend recognises it.
    """
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.load().recognises(module):
            return entry.name
    raise BackendError(
        f"no registered backend recognises a {type(module).__module__}.{type(module).__qualname__}; "
        f"registered are {', '.join(names()) or 'none'}"
    )
