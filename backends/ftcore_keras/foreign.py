"""Runs and trains a user's own keras.Model without changing it."""

import inspect
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ftcore.contract import TOKEN_INPUTS, Batch, seeds
from ftcore.errors import BackendError, ModelError
from ftcore_keras.layers.activations import Activations
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.tensors import Named


class ForeignNetwork:
    """A module that is called with its inputs and trained in place; its variables go by their Keras paths."""

    def __init__(self, module: keras.Model) -> None:
        self._module = module

    @property
    def model(self) -> keras.Model:
        """The module."""
        return self._module

    @property
    def couples_examples(self) -> bool:
        """Whether a layer's result for one example depends on the others (batch normalization)."""
        return any(isinstance(layer, keras.layers.BatchNormalization) for layer in self._module._flatten_layers())

    def prepare(self, inputs: Mapping[str, Any]) -> None:
        """Build an unbuilt module by calling it once on these inputs."""
        if not self._module.built:
            self._call(inputs, training=False)

    def parameters(self) -> list[Named]:
        """Return the trainable variables."""
        return self._named(self._module.trainable_weights)

    def buffers(self) -> list[Named]:
        """Return the other variables (moving statistics, frozen layers), without the state of random draws."""
        return self._named(self._module.non_trainable_weights)

    def draws(self, batch: Batch, seed: int, step: int, number: int) -> dict[str, Tensor]:
        """Return `seed`, int64 [2], which depends only on seed, step and micro-batch."""
        key = seeds.key(seed, "dropout", step, number)
        return {"seed": keras.ops.convert_to_tensor(np.asarray([key % 2**62, (key >> 64) % 2**62]))}

    def _seed_states(self) -> list[keras.Variable]:
        weights = {id(variable) for variable in self._module.weights}
        others = [variable for variable in self._module.non_trainable_variables if id(variable) not in weights]
        return [variable for variable in others if variable.name == "seed_generator_state"]

    def signature(self, shape: tuple[int, ...]) -> tuple[int | None, ...]:
        """Return the shape with an open number of examples; a module may need the other dimensions."""
        return (None, *shape[1:])

    def compute(
        self, inputs: Mapping[str, Tensor], draws: Mapping[str, Tensor], hidden_states: bool = False
    ) -> Activations:
        """Call the module with one array, a list by position, or a dict; in training mode if there are draws."""
        if draws:
            # Setting the state of each layer's seed generator means that none has to be saved.
            for number, state in enumerate(self._seed_states()):
                state.assign(keras.ops.reshape(draws["seed"], (2,)) + np.asarray([number, 0]))
        logits = _logits(self._call(inputs, training=bool(draws)))
        if self._module.losses:
            raise BackendError(
                f"the module adds {len(self._module.losses)} losses of its own (regularizers or add_loss), which "
                "the contract's loss does not include: remove them, and use the optimizer's weight_decay"
            )
        return Activations(logits)

    def _call(self, inputs: Mapping[str, Any], training: bool) -> Any:
        if set(inputs) == {"inputs"}:
            return self._module(inputs["inputs"], training=training)
        if all(name.isdigit() for name in inputs):
            return self._module([inputs[name] for name in sorted(inputs, key=int)], training=training)
        return self._module(dict(inputs), training=training)

    def _named(self, variables: list[keras.Variable]) -> list[Named]:
        if not self._module.built:
            raise BackendError(
                "the module is not built, so its variables do not exist yet: call it once on a batch, "
                "or give its first layer an input shape"
            )
        named = [Named(variable.path, variable) for variable in variables]
        if len({one.name for one in named}) < len(named):
            raise ModelError("two variables of the module have the same path: give its layers distinct names")
        return named


def _logits(output: Any) -> Tensor:
    """Return the logits [examples, outputs] in a module's output."""
    if isinstance(output, Mapping):
        output = output.get("logits")
    elif isinstance(output, tuple | list) and output:
        output = output[0]
    if not keras.ops.is_tensor(output):
        raise ModelError("the module must return a tensor, a list that starts with one, or a dict with 'logits'")
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(output.dtype)):
        raise ModelError(f"the module must return logits of a floating type, not {output.dtype}")
    return output[:, None] if len(output.shape) == 1 else output


def token_inputs(module: keras.Model) -> dict[str, str]:
    """Return which token inputs the model takes: a mapping of the ones that it names, or only the ids."""
    if isinstance(module, keras.Sequential):
        return {"input_ids": "inputs"}
    if hasattr(module, "inputs"):
        return _of_graph(module)
    first, *others = inspect.signature(module.call).parameters
    if apart := [name for name in others if name in TOKEN_INPUTS]:
        raise ModelError(
            f"model.module: call of {type(module).__name__} takes {first}, {', '.join(apart)} separately: let it "
            f"take one mapping of {', '.join(TOKEN_INPUTS)}"
        )
    return {"input_ids": "inputs"} if first == "input_ids" else {name: name for name in TOKEN_INPUTS}


def _of_graph(module: keras.Model) -> dict[str, str]:
    """Return the inputs of a model that was built from its inputs and outputs (functional API)."""
    names = [tensor.name for tensor in module.inputs]
    if len(names) == 1:
        return {"input_ids": "inputs"}
    if not set(names) <= set(TOKEN_INPUTS):
        raise ModelError(
            f"model.module: {module.name} has the inputs {', '.join(names)}: call them {', '.join(TOKEN_INPUTS)} "
            "(only the ones that it needs), or let it take one array"
        )
    return {name: name for name in names}
