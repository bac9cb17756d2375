"""The tiny BERT models that are compared with transformers: every activation, pooling and kind of pair once."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ftcore.conformance import batches, draws
from ftcore.contract import Batch
from ftcore.contract.losses import CrossEntropy, Loss, MeanSquaredError
from ftcore.contract.network import Network, Pooling
from ftcore.contract.seeds import generator
from ftcore.models import FAMILIES

VOCABULARY, POSITIONS, PADDED = 24, 16, 8
LENGTHS = (8, 5, 3, 2, 7, 1)


@dataclass(frozen=True)
class BertCase:
    """One tiny BERT with its batch.

    Attributes:
        name: name of the case, and the prefix of its stored references.
        activation: `hidden_act` of the config.
        epsilon: `layer_norm_eps` of the config.
        pooling, normalize: as in a spec.
        pair: "joint" is one sequence per example, "separate" two.
        outputs: number of logits.
        loss: the loss; it has integer labels for cross-entropy, else numbers.
        embedding_scale: standard deviation of the embeddings; with small ones the epsilon of the first norm matters.
        blocks: number of layers; compiling a layer takes seconds, so few cases have more than one.
    """

    name: str
    activation: str
    epsilon: float
    pooling: Pooling
    pair: Literal["joint", "separate"] = "joint"
    outputs: int = 3
    loss: Loss = field(default_factory=CrossEntropy)
    embedding_scale: float = 0.5
    blocks: int = 1
    normalize: bool = False

    def network(self, dropout: float = 0.0) -> Network:
        """Return the network, every dropout rate set to `dropout`."""
        architecture = FAMILIES["bert"].architecture(self._config, dropout)
        head = FAMILIES["bert"].head(architecture, self.outputs, self.pooling, self.pair)
        return Network(architecture, replace(head, normalize=self.normalize))

    @cached_property
    def tensors(self) -> dict[str, np.ndarray]:
        """Every parameter in its own shape, none at its initial value: float64, exact in float32."""
        return draws.parameters(self.network().parameters, self.name, self.embedding_scale)

    def batch(self, padded: int = PADDED, step: int = 0) -> Batch:
        """Return the batch of a step: six sequences of different lengths, padded to `padded`."""
        examples = len(LENGTHS) // (2 if self.pair == "separate" else 1)
        return batches.tokens(LENGTHS, padded, VOCABULARY, self._labels(examples, step), self.name, step)

    @property
    def zero_gradients(self) -> frozenset[str]:
        """Parameters whose gradient is zero in exact arithmetic: softmax does not depend on the bias of keys."""
        return frozenset(item.name for item in self.network().parameters if item.path.endswith("attention.key.bias"))

    def _labels(self, examples: int, step: int) -> np.ndarray:
        draw = generator(draws.SEED, "conformance", "labels", self.name, step)
        if isinstance(self.loss, CrossEntropy):
            return draw.integers(0, self.outputs, size=examples).astype(np.int32)
        return draw.standard_normal((examples, self.outputs)).astype(np.float32)

    @property
    def _config(self) -> dict[str, Any]:
        return {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "vocab_size": VOCABULARY,
            "hidden_size": 8,
            "num_hidden_layers": self.blocks,
            "num_attention_heads": 2,
            "intermediate_size": 12,
            "hidden_act": self.activation,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2,
            "initializer_range": 0.02,
            "layer_norm_eps": self.epsilon,
            "pad_token_id": 0,
        }


CASES = (
    BertCase("gelu-pooler", "gelu", 1e-12, "pooler", embedding_scale=0.01, blocks=2),
    BertCase("gelu-new-mean", "gelu_new", 1e-5, "mean"),
    BertCase("relu-cls", "relu", 1e-6, "cls"),
    BertCase("gelu-max-separate", "gelu", 1e-12, "max", "separate", 1, MeanSquaredError(), normalize=True),
    BertCase("gelu-tanh-last", "gelu_pytorch_tanh", 1e-3, "last"),
)
CURVE = BertCase("curve", "gelu", 1e-12, "pooler")
"""The network of the rungs with training."""
