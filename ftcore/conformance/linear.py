"""A linear map trained with NumPy in float64: the reference of a backend's loss, optimizer and accumulation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ftcore.conformance import draws
from ftcore.contract import Outputs, Step
from ftcore.contract.losses import Loss
from ftcore.contract.network import Architecture, Dense, Features, Head, Network, Parameter
from ftcore.contract.optimizers import Optimizer, State, clip, global_norm

WEIGHT, BIAS = "classifier.weight", "classifier.bias"


def network(size: int, outputs: int, dropout: float = 0.0) -> Network:
    """Return logits = features @ weight.T + bias as a network of given features and a head without pooling."""
    parameters = (
        Parameter(WEIGHT, WEIGHT, (outputs, size), "weight", "normal"),
        Parameter(BIAS, BIAS, (outputs,), "bias", "zeros"),
    )
    head = Head(outputs, None, None, "single", Dense("classifier"), dropout, parameters)
    return Network(Architecture(Features(size), ()), head)


def parameters(network: Network, case: str) -> dict[str, np.ndarray]:
    """Return the parameters of a linear network, each of its own shape: float64, exact in float32."""
    return draws.parameters(network.parameters, case, embedding_scale=1.0)


@dataclass
class Reference:
    """The linear network in float64, by the references in ftcore.contract.losses and ftcore.contract.optimizers.

    Attributes:
        loss, optimizer, clip_norm: as in a Program.
        parameters: float64 arrays by name, each of its own shape; changed by `train_step`.
        decay_exempt: names of parameters without decay.
        trainable: names of the trained parameters.
        steps: number of updates so far.
        state: the optimizer's state of each trained parameter.
    """

    loss: Loss
    optimizer: Optimizer
    parameters: dict[str, np.ndarray]
    clip_norm: float | None = None
    decay_exempt: frozenset[str] = frozenset({BIAS})
    trainable: frozenset[str] = frozenset({WEIGHT, BIAS})
    steps: int = 0
    state: dict[str, State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters = {name: value.astype(np.float64) for name, value in self.parameters.items()}
        self.state = {name: self.optimizer.init(self.parameters[name]) for name in sorted(self.trainable)}

    def gradients(self, step: Step) -> tuple[float, dict[str, np.ndarray]]:
        """Return the loss and the gradient of each trained parameter, float64 of the same shape, before clipping."""
        total, sums = 0.0, {name: np.zeros_like(self.parameters[name]) for name in sorted(self.trainable)}
        for part in step.batches:
            features = part.inputs["features"].astype(np.float64)
            logits = features @ self.parameters[WEIGHT].T + self.parameters[BIAS]
            value = self.loss.reference(Outputs(logits), part)
            total += value.total
            for name in sums:
                sums[name] += value.gradient.T @ features if name == WEIGHT else value.gradient.sum(axis=0)
        return total / step.total_weight, {name: gradient / step.total_weight for name, gradient in sums.items()}

    def train_step(self, step: Step) -> tuple[float, float]:
        """Update the parameters; return the loss and the norm before clipping."""
        value, gradients = self.gradients(step)
        self.steps += 1
        for name, gradient in clip(gradients, self.clip_norm).items():
            self.parameters[name], self.state[name] = self.optimizer.update(
                self.parameters[name],
                gradient,
                self.state[name],
                step.learning_rate,
                self.steps,
                name not in self.decay_exempt,
            )
        return value, global_norm(gradients)

    def optimizer_state(self) -> dict[str, np.ndarray]:
        """Return the state in the form of backends: "SLOT/PARAMETER" of the same shape, and "step" []."""
        flat = {f"{slot}/{name}": value for name, slots in self.state.items() for slot, value in slots.items()}
        return {"step": np.asarray(self.steps, dtype=np.int64), **flat}

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue from a state: "SLOT/PARAMETER" of the same shape, and "step" []."""
        self.steps = int(state["step"])
        self.state = {
            name: {slot: state[f"{slot}/{name}"].astype(np.float64) for slot in self.optimizer.slots}
            for name in sorted(self.trainable)
        }
