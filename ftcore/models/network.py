"""What a network is, without a framework: an architecture (the body), a head, and named parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Role = Literal["weight", "bias", "norm", "embedding", "buffer"]
Activation = Literal["gelu", "gelu_tanh", "relu", "silu", "tanh"]
Pooling = Literal["pooler", "cls", "mean", "max", "last"]
PairFeatures = Literal["single", "concat_difference_product"]
NormPlace = Literal["after", "before", "around"]

ONE_TOKEN: frozenset[Pooling | None] = frozenset({"pooler", "cls", "last"})
"""The poolings that read one token of a sequence: the last block need not compute the others."""
HEAD_DROPOUT, POOLER_DROPOUT = "head", "pooler"
"""The places of the dropout before the classifier, and before the pooler's linear map."""
ENCODER, DECODER = "encoder.", "decoder."
"""What canonical paths of an encoder-decoder's parts begin with."""
SHORTEST = 1e-12
"""The least length that a vector is divided by when it is normalized."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a network.

    Attributes:
        name: its name in a Hugging Face checkpoint.
        path: its canonical name, the same for every family: "blocks.0.attention.query.weight".
        shape: its shape in the checkpoint.
        role: "weight" is a linear map stored [outputs, inputs]; "norm" is a norm's scale or shift. Weight decay
            is for the roles "weight" and "embedding" only; a "buffer" is never trained.
        initial: how the core draws it where no checkpoint has it: "normal" (mean 0, the architecture's
            initializer_range), "zeros", "ones" or "sinusoidal" (`ftcore.models.initial.sinusoidal`).
        zero_row: a row of an embedding that starts at zero (the padding token), or None.
        inputs_first: whether a "weight" is stored [inputs, outputs].
        saved: whether transformers writes it; a "buffer" may be computed anew.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    role: Role
    initial: Literal["normal", "zeros", "ones", "sinusoidal"]
    zero_row: int | None = None
    inputs_first: bool = False
    saved: bool = True


@dataclass(frozen=True)
class Norm:
    """Normalization over the last axis.

    Attributes:
        epsilon: added to the mean square.
        kind: "layer" subtracts the mean first, and has scale and shift; "rms" has a scale alone (Zhang and Sennrich
            2019).
        offset: what is added to the stored scale.
    """

    epsilon: float
    kind: Literal["layer", "rms"] = "layer"
    offset: float = 0.0


@dataclass(frozen=True)
class Rotary:
    """Rotary positions (Su et al. 2021): pairs of channels of queries and keys are turned by an angle.

    Attributes:
        frequencies: float32 values, radians a position, of the pairs (i, i + len(frequencies)); a head's further
            channels are not turned.
        scale: of cosine and sine.
    """

    frequencies: tuple[float, ...]
    scale: float = 1.0


@dataclass(frozen=True)
class RelativePositions:
    """What is added to the scores for the distance of two tokens, a number a head (Raffel et al. 2020, section 2.1).

    All blocks share one table, a row a bucket of distances; `ftcore.models.distance_buckets` has the rows.

    Attributes:
        buckets: rows of the table.
        farthest: the distance from which on all share a bucket.
        bidirectional: whether later tokens have buckets of their own, half of all; else that of distance 0.
    """

    buckets: int
    farthest: int
    bidirectional: bool


@dataclass(frozen=True)
class Attention:
    """Attention with several heads.

    Attributes:
        heads, channels: of the queries, and the size of each.
        key_value_heads: of keys and values; equal numbers of queries share one (Ainslie et al. 2023).
        scale: of the products of queries and keys.
        biases: the linear maps that have one: "query", "key", "value", "output".
        joint: whether one stored map gives queries, keys and values.
        causal: whether a token attends to no later one.
        cap: scores are cap * tanh(score / cap); None for no bound.
        head_norm: of each head's queries and of its keys, or None.
        windows: for each block how many tokens, its own and those before, a token attends to, or None for all; () where
            no block has a window.
        rotaries: for each block its rotary positions, or None; () where no block has any.
    """

    heads: int
    channels: int
    key_value_heads: int
    scale: float
    biases: frozenset[str] = frozenset({"query", "key", "value", "output"})
    joint: bool = False
    causal: bool = False
    cap: float | None = None
    head_norm: Norm | None = None
    windows: tuple[int | None, ...] = ()
    rotaries: tuple[Rotary | None, ...] = ()

    def window(self, block: int) -> int | None:
        """Return a block's window, or None."""
        return self.windows[block] if self.windows else None

    def rotary(self, block: int) -> Rotary | None:
        """Return a block's rotary positions, or None."""
        return self.rotaries[block] if self.rotaries else None


@dataclass(frozen=True)
class FeedForward:
    """Two linear maps with an activation between.

    Attributes:
        intermediate: channels between the maps.
        activation: its function.
        gated: whether what is activated multiplies another map of the input (Shazeer 2020).
        joint: whether one stored map gives both, what is activated first.
        biases: the linear maps that have one: "inner", "gate", "outer".
    """

    intermediate: int
    activation: Activation
    gated: bool = False
    joint: bool = False
    biases: frozenset[str] = frozenset({"inner", "outer"})


@dataclass(frozen=True)
class Transformer:
    """Embeddings, then equal blocks of attention and feed-forward, each with a residual.

    Attributes:
        vocabulary, positions, token_types: rows of the embedding tables; positions are the most that a sequence may
            have also where they are rotary; without token types there is no such table.
        hidden, blocks: channels, and number of blocks.
        attention, feed_forward: of every block.
        norm: every norm of a block, of the embeddings and at the end.
        hidden_dropout: rate of dropout on the embeddings.
        attention_dropout: rate on attention weights.
        mixed_dropout: rate on what attention gives.
        feed_forward_dropout: rate on what a feed-forward gives.
        initializer_range: standard deviation of new weights.
        pad_token: id of the padding token.
        untrained_token: id of a token whose row of the table has no gradient (transformers' padding_idx), or None.
        embedding: channels of the embeddings, where a linear map takes them to `hidden`; else None.
        first_position: row of the table of positions for the first token of a sequence.
        position_table: whether positions are learned, and added to the embeddings.
        norm_place: "after" a residual sum; "before" attention or feed-forward; "around" them, before and after.
        embedding_norm, final_norm: whether the embeddings, and the last block's output, go through a norm.
        embedding_scale: what the embeddings of tokens are multiplied by.
        static_positions: whether the table of positions is not trained, and holds sinusoids.
        relative_positions: what distances add to the scores of attention, or None.
        cross_attention: of every block of a decoder to the encoder's output, after attention, or None.
        activation_dropout: rate on what the feed-forward's activation gives.
        final_dropout: rate on what the final norm gives.
    """

    vocabulary: int
    positions: int
    token_types: int
    hidden: int
    blocks: int
    attention: Attention
    feed_forward: FeedForward
    norm: Norm
    hidden_dropout: float
    attention_dropout: float
    mixed_dropout: float
    feed_forward_dropout: float
    initializer_range: float
    pad_token: int
    untrained_token: int | None = None
    embedding: int | None = None
    first_position: int = 0
    position_table: bool = True
    norm_place: NormPlace = "after"
    embedding_norm: bool = True
    final_norm: bool = False
    embedding_scale: float = 1.0
    static_positions: bool = False
    relative_positions: RelativePositions | None = None
    cross_attention: Attention | None = None
    activation_dropout: float = 0.0
    final_dropout: float = 0.0

    @property
    def longest(self) -> int:
        """The most tokens that a sequence may have."""
        return self.positions - self.first_position

    @property
    def reads_alone(self) -> bool:
        """Whether the last block can compute one token of a sequence without the others (see ONE_TOKEN)."""
        positional = self.attention.rotaries or self.relative_positions is not None
        return self.norm_place == "after" and not (self.attention.causal or positional)

    def dropout_rate(self, place: str) -> float:
        """Return the rate of a place, by its canonical path within a block or outside: "feed_forward.inner"."""
        rates = {
            "embeddings": self.hidden_dropout,
            "attention.weights": self.attention_dropout,
            "attention": self.mixed_dropout,
            "cross_attention.weights": self.attention_dropout,
            "cross_attention": self.mixed_dropout,
            "feed_forward.inner": self.activation_dropout,
            "feed_forward": self.feed_forward_dropout,
            "final_norm": self.final_dropout,
        }
        return rates[place]


@dataclass(frozen=True)
class EncoderDecoder:
    """A decoder whose blocks attend to what an encoder makes of another text, too.

    Attributes:
        encoder, decoder: the two; the decoder has cross-attention.
        shared_tokens: whether both look tokens up in one table.
    """

    encoder: Transformer
    decoder: Transformer
    shared_tokens: bool

    @property
    def initializer_range(self) -> float:
        """Standard deviation of new weights."""
        return self.decoder.initializer_range

    def dropout_rate(self, site: str) -> float:
        """Return the rate of a place by its canonical path: "decoder.blocks.0.cross_attention.weights"."""
        part, _, path = site.partition(".")
        place = path.split(".", 2)[2] if path.startswith("blocks.") else path
        return (self.encoder if part == "encoder" else self.decoder).dropout_rate(place)


@dataclass(frozen=True)
class Features:
    """The body of a network whose input is ready features: it passes `features` [examples, size] on."""

    size: int
    initializer_range: float = 0.02


@dataclass(frozen=True)
class Architecture:
    """A body with its parameters under both names.

    Attributes:
        body: what is computed.
        parameters: every parameter of the body.
        family: `model_type` of the Hugging Face config ("" for a native body).
        config: the Hugging Face config as read, with the spec's dropout put in; written back with the result.
        packs: whether several sequences in a row, each attending within itself, give what each gives alone.
        dropout_modules: each place that drops, by canonical path, to its module in transformers' body:
            "blocks.0.attention.weights" to "encoder.layer.0.attention.self.dropout". Where transformers drops by a
            function, a module before or after it: "layers.0.fc2:input" is what fc2 is given, ":output" what it gives.
    """

    body: Transformer | EncoderDecoder | Features
    parameters: tuple[Parameter, ...]
    family: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    packs: bool = False
    dropout_modules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dense:
    """A linear map of a head, followed by an activation.

    Attributes:
        path: canonical prefix of its parameters, "pooler" or "classifier".
        activation: None for none.
    """

    path: str
    activation: Activation | None = None


@dataclass(frozen=True)
class Head:
    """From hidden states to logits: pool each sequence, combine the sequences of a pair, dropout, classify.

    Attributes:
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pooling: "pooler" is the family's own (BERT: dense and tanh on the first token), the others
            read the hidden states of the real tokens: first, mean, max, last.
        pooler: the dense layer of pooling "pooler", else None.
        pooler_dropout: rate before the pooler.
        normalize: whether a pooled vector is divided by its Euclidean length, as `Outputs.pooled` then gives it.
        pair: "concat_difference_product" joins the two pooled sequences u, v of an example
            to [u, v, abs(u - v), u * v] (InferSent, Conneau et al. 2017).
        classifier: the last linear map, or None where outputs is 0.
        dropout: rate before the classifier.
        parameters: every parameter of the head.
    """

    outputs: int
    pooling: Pooling | None
    pooler: Dense | None
    pair: PairFeatures
    classifier: Dense | None
    dropout: float
    parameters: tuple[Parameter, ...]
    normalize: bool = False
    pooler_dropout: float = 0.0


@dataclass(frozen=True)
class TokenHead:
    """From the hidden state of every position to logits: a language model's.

    Attributes:
        outputs: number of logits of a position.
        classifier: the last linear map.
        tied: whether the last linear map's weight is the token table, so that it has no parameter of its own.
        transform: a dense layer before the last linear map, or None.
        norm: of what the transform gives.
        scale: what the last linear map's input is multiplied by.
        cap: logits are cap * tanh(logit / cap); None for no bound.
        parameters: every parameter of the head.
    """

    outputs: int
    classifier: Dense
    tied: bool
    parameters: tuple[Parameter, ...]
    transform: Dense | None = None
    norm: Norm | None = None
    scale: float = 1.0
    cap: float | None = None

    # What a head of sequences has, and this one has not.
    pooling: ClassVar[None] = None
    pooler: ClassVar[None] = None
    pair: ClassVar[PairFeatures] = "single"
    normalize: ClassVar[bool] = False


@dataclass(frozen=True)
class Network:
    """An architecture and its head: what a backend builds."""

    architecture: Architecture
    head: Head | TokenHead

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter, the body's first."""
        return self.architecture.parameters + self.head.parameters

    @property
    def dropout_sites(self) -> tuple[str, ...]:
        """Every place that drops, by canonical path."""
        if isinstance(self.head, TokenHead):
            return tuple(self.architecture.dropout_modules)
        of_pooler = (POOLER_DROPOUT,) if self.head.pooler_dropout else ()
        return (*self.architecture.dropout_modules, *of_pooler, HEAD_DROPOUT)


@dataclass(frozen=True)
class Module:
    """A user's own torch.nn.Module or keras.Model, used as it is and trained in place."""

    module: Any
