"""What a network is, without a framework: an architecture (the body), a head, and named parameters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Role = Literal["weight", "bias", "norm", "embedding", "statistic", "count", "constant"]
Activation = Literal["gelu", "gelu_tanh", "relu", "silu", "tanh"]
Pooling = Literal["pooler", "cls", "mean", "max", "last"]
PairFeatures = Literal["single", "concat_difference_product"]
NormPlace = Literal["after", "before", "around"]
PositionTerm = Literal["content_to_position", "position_to_content"]
Cell = Literal["lstm", "gru"]
Input = Literal["tokens", "images", "vectors", "features"]
Unit = Literal["sequence", "token", "vector"]
"""What a head gives logits for: a sequence, every token of it, or nothing, for its vector is what is wanted."""

ONE_TOKEN: frozenset[Pooling | None] = frozenset({"cls", "last"})
"""The poolings that read one token of a sequence: the last block need not compute the others."""
HEAD_DROPOUT, POOLER_DROPOUT = "head", "pooler"
"""The places of the dropout before the classifier, and before the pooler's linear map."""
ENCODER, DECODER = "encoder.", "decoder."
"""What canonical paths of an encoder-decoder's parts begin with."""
SHORTEST = 1e-12
"""The least length that a vector is divided by when it is normalized."""
TABLE_PATH = "embeddings.tokens"
"""Canonical path of the table that token ids are looked up in."""
GATES: dict[Cell, int] = {"lstm": 4, "gru": 3}
"""Linear maps that a cell computes at each step, stored as one."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a network, or a buffer: a tensor that is saved with them, and that no gradient changes.

    Attributes:
        name: its name in a Hugging Face checkpoint.
        path: its canonical name, the same for every family: "blocks.0.attention.query.weight".
        shape: its shape in the checkpoint.
        role: "weight" is a linear map stored [outputs, inputs], or a convolution [outputs, inputs, *window]; "norm"
            is a norm's scale or shift. Weight decay is for the roles "weight" and "embedding" only. Buffers have the
            roles "statistic", a norm's running mean or variance, "count", int64, its steps, and "constant", which
            nothing changes.
        initial: how the core draws it where no checkpoint has it: "normal" (mean 0, the architecture's
            initializer_range), "uniform" (from -bound to bound), "zeros", "ones" or "sinusoidal"
            (`ftcore.models.initial.sinusoidal`).
        zero_row: a row of an embedding that starts at zero (the padding token), or None.
        inputs_first: whether a "weight" is stored [inputs, outputs].
        bound: of "uniform".
        deviation: standard deviation of "normal", where that is not the architecture's initializer_range.
        saved: whether transformers writes it; a "constant" may be computed anew.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    role: Role
    initial: Literal["normal", "uniform", "zeros", "ones", "sinusoidal"]
    zero_row: int | None = None
    inputs_first: bool = False
    bound: float = 0.0
    deviation: float | None = None
    saved: bool = True


@dataclass(frozen=True)
class Norm:
    """Normalization over the last axis.

    Attributes:
        epsilon: added to the mean square.
        kind: "layer" subtracts the mean first, and has scale and shift; "rms" has a scale alone (Zhang and Sennrich
            2019).
        offset: what is added to the stored scale.
        shift: whether a layer norm has one.
    """

    epsilon: float
    kind: Literal["layer", "rms"] = "layer"
    offset: float = 0.0
    shift: bool = True


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
    """Relative positions (Raffel et al. 2020): a learned number for each head and bucket of distances, added to scores.

    Attributes:
        buckets: rows of the table.
        farthest: distance from which on all share a bucket.
        bidirectional: whether later keys have buckets of their own.
    """

    buckets: int
    farthest: int
    bidirectional: bool


@dataclass(frozen=True)
class Disentangled:
    """Scores of contents with relative positions, beside those of contents (He et al. 2021, equation 4).

    All blocks share a table of 2 * span rows, a row for each relative position.

    Attributes:
        terms: "content_to_position" compares queries with keys made of the table's rows; "position_to_content" keys
            with queries made of them.
        farthest: distance from which on all share a row.
        buckets: how many rows there are of either sign, where far distances share rows by their logarithm, or None.
        shared: whether the maps of the tokens' queries and keys make those of the rows too.
        norm: whether the rows go through a norm first.
    """

    terms: frozenset[PositionTerm]
    farthest: int
    buckets: int | None = None
    shared: bool = False
    norm: bool = False

    @property
    def span(self) -> int:
        """Half the table's rows."""
        return self.buckets or self.farthest

    @property
    def maps(self) -> dict[PositionTerm, str]:
        """The linear map of a block's attention that each term applies to the rows."""
        made: dict[PositionTerm, str] = {"content_to_position": "key", "position_to_content": "query"}
        own = "" if self.shared else "position_"
        return {term: f"{own}{name}" for term, name in made.items() if term in self.terms}


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
        windows: for each block the distance from which on a token attends to no other, before it or, where it is not
            causal, after it; None for no bound, () where no block has any.
        rotaries: for each block its rotary positions, or None; () where no block has any.
        relative: the relative positions that all blocks share, or None.
        disentangled: the table of relative positions that its contents are compared with, or None.
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
    relative: RelativePositions | None = None
    disentangled: Disentangled | None = None

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
class EmbeddingConvolution:
    """A convolution over the embeddings, whose activation is added to what the first block gives, then normalized.

    Attributes:
        width: how many tokens, an odd number, it reads for each; the token is the middle one.
        activation: its function.
    """

    width: int
    activation: Activation


@dataclass(frozen=True)
class Patches:
    """Embeddings of an image: learned tokens, then a linear map of each patch, row by row (Dosovitskiy et al. 2021).

    Attributes:
        channels, height, width: of every image.
        patch_height, patch_width: of every patch; pixels that fill no patch are left out.
        leading: the learned tokens in order: "class", "distillation".
    """

    channels: int
    height: int
    width: int
    patch_height: int
    patch_width: int
    leading: tuple[str, ...]

    @property
    def grid(self) -> tuple[int, int]:
        """The number of patches down and across."""
        return self.height // self.patch_height, self.width // self.patch_width


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
        first_norm: whether the first block's attention has one.
        embedding_scale: what the embeddings of tokens are multiplied by.
        patches: the embeddings of an image, where that is the input; then the vocabulary is 0, and every image has as
            many tokens as there are positions.
        inner_dropout: rate on what the feed-forward's activation gives.
        order: the blocks in the order in which they are applied, where that is not each once; else ().
        projects_first: whether the map from `embedding` to `hidden` comes before norm and dropout, without a bias.
        convolution: beside the first block, or None.
        reads_whole: whether the last block is computed whole even where the head reads one token of it.
        static_positions: whether the table of positions is a buffer, and holds sinusoids.
        cross_attention: of every block of a decoder to the encoder's output, after attention, or None.
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
    first_norm: bool = True
    embedding_scale: float = 1.0
    patches: Patches | None = None
    inner_dropout: float = 0.0
    order: tuple[int, ...] = ()
    projects_first: bool = False
    convolution: EmbeddingConvolution | None = None
    reads_whole: bool = False
    static_positions: bool = False
    cross_attention: Attention | None = None
    final_dropout: float = 0.0

    @property
    def longest(self) -> int:
        """The most tokens that a sequence may have."""
        return self.positions - self.first_position

    @property
    def applied(self) -> tuple[int, ...]:
        """The blocks in the order in which they are applied."""
        return self.order or tuple(range(self.blocks))

    @property
    def reads_alone(self) -> bool:
        """Whether the last block can compute one token of a sequence without the others (see ONE_TOKEN)."""
        of_places = self.attention.causal or self.attention.rotaries or self.attention.relative
        return self.norm_place == "after" and not (of_places or self.order or self.reads_whole)

    def dropout_rate(self, place: str) -> float:
        """Return the rate of a place, by its canonical path within a block or outside: "feed_forward.inner"."""
        rates = {
            "embeddings": self.hidden_dropout,
            "attention.weights": self.attention_dropout,
            "attention": self.mixed_dropout,
            "cross_attention.weights": self.attention_dropout,
            "cross_attention": self.mixed_dropout,
            "feed_forward.inner": self.inner_dropout,
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
class Recurrent:
    """Stacked LSTM or GRU layers (the formulas of torch.nn.LSTM and torch.nn.GRU) over tokens or ready vectors.

    Padding, which is on the right, enters no state: the backward direction begins at each sequence's own last step.
    The pooling "pooler" joins the state that each direction of the last layer ends with.

    Attributes:
        cell: of every layer.
        vocabulary: rows of the token table; None where the steps are ready vectors.
        inputs: channels of a token's embedding, or of the ready vectors `values`.
        hidden: channels of a state.
        layers: one reads what the one before gives.
        bidirectional: whether each layer has a second direction, whose states follow the first's.
        embedding_dropout: rate on embeddings.
        dropout: rate on what each layer but the last gives.
        initializer_range: standard deviation of new embeddings.
    """

    cell: Cell
    vocabulary: int | None
    inputs: int
    hidden: int
    layers: int
    bidirectional: bool
    embedding_dropout: float
    dropout: float
    initializer_range: float

    @property
    def size(self) -> int:
        """Channels of a layer's output, and of the pooled vector."""
        return self.hidden * (2 if self.bidirectional else 1)


@dataclass(frozen=True)
class TextConvolution:
    """Filters of several widths over the embeddings of a text, each pooled over time (Kim 2014, arXiv:1408.5882).

    A filter sees the windows that lie within a text; a text shorter than the filter is one window, filled up with
    zeros. The pooling "pooler" is the maximum over windows.

    Attributes:
        vocabulary: rows of the token table.
        embedding: channels of the embeddings.
        widths: of the filters, in tokens.
        channels: filters of each width.
        activation: of the filters.
        embedding_dropout: rate on embeddings.
        initializer_range: standard deviation of new embeddings.
    """

    vocabulary: int
    embedding: int
    widths: tuple[int, ...]
    channels: int
    activation: Activation
    embedding_dropout: float
    initializer_range: float

    @property
    def size(self) -> int:
        """Channels of the pooled vector."""
        return self.channels * len(self.widths)


@dataclass(frozen=True)
class ImageConvolution:
    """Blocks over images: 3x3 convolution of stride 1 that keeps the size, activation, 2x2 maximum of stride 2.

    An odd last row or column has no maximum.

    Attributes:
        channels, height, width: of an image.
        blocks: channels that each block gives.
        activation: of the convolutions.
        reading: how the last block's output becomes a vector: laid out by channel, row and column ("flatten"), or
            the mean of each channel.
    """

    channels: int
    height: int
    width: int
    blocks: tuple[int, ...]
    activation: Activation
    reading: Literal["flatten", "mean"]

    @property
    def size(self) -> int:
        """Channels of the pooled vector."""
        halvings = len(self.blocks)
        places = (self.height >> halvings) * (self.width >> halvings)
        return self.blocks[-1] * (places if self.reading == "flatten" else 1)


@dataclass(frozen=True)
class Convolution:
    """A convolution of images without a bias, and batch normalization of what it gives.

    Attributes:
        window: rows and columns, an odd number; half of them, rounded down, are zeros around the image.
        inputs, outputs: channels.
        stride: down and across.
    """

    window: int
    inputs: int
    outputs: int
    stride: int = 1


@dataclass(frozen=True)
class ResidualBlock:
    """Convolutions with activations between, and their residual.

    Attributes:
        convolutions: one reads what the one before gives.
        shortcut: of the residual, where it is not the block's input as it is.
    """

    convolutions: tuple[Convolution, ...]
    shortcut: Convolution | None


@dataclass(frozen=True)
class ResidualConvolution:
    """A residual network (He et al. 2016): a stem, then stages of residual blocks; each channel's mean is pooled.

    Batch normalization (Ioffe and Szegedy 2015) is over examples and places: in training with the batch's own mean and
    variance, which enter the running ones by `momentum` (the variance as that of a sample), else with those.

    Attributes:
        stem: then comes the activation, and a 3x3 maximum of stride 2 over an image with a border.
        stages: blocks of each; the hidden states are what the stem and every stage give.
        activation: of the stem, and of a block's residual sum.
        inner_activation: within a block.
        epsilon: added to variances.
        momentum: share of a batch in the running statistics.
    """

    stem: Convolution
    stages: tuple[tuple[ResidualBlock, ...], ...]
    activation: Activation
    inner_activation: Activation
    epsilon: float
    momentum: float

    @property
    def blocks(self) -> tuple[ResidualBlock, ...]:
        """The blocks of every stage."""
        return tuple(block for stage in self.stages for block in stage)

    @property
    def size(self) -> int:
        """Channels of the last stage, and of the pooled vector."""
        return self.blocks[-1].convolutions[-1].outputs

    def last_places(self, height: int, width: int) -> int:
        """Return the places of the last stage's output for images of a size."""
        # The stem's maximum has stride 2.
        strides = [self.stem.stride, 2, *(one.stride for block in self.blocks for one in block.convolutions)]
        shrunk = math.prod(strides)
        return -(-height // shrunk) * -(-width // shrunk)


TokenBody = Transformer | EncoderDecoder | Recurrent | TextConvolution
"""What can read tokens."""
NativeBody = Features | Recurrent | TextConvolution | ImageConvolution
"""What transformers does not have."""


@dataclass(frozen=True)
class Architecture:
    """A body with its parameters under both names.

    Attributes:
        body: what is computed.
        parameters: every parameter of the body.
        family: `model_type` of the Hugging Face config ("" for a native body).
        config: the Hugging Face config as read, with the spec's dropout put in; written back with the result.
        packs: whether several sequences in a row, each attending within itself, give what each gives alone.
        float32_inside: whether transformers computes parts of it in float32 whatever the model's type (RMSNorm, rotary
            angles), so that float64 agrees with it to no more than that.
        dropout_modules: each place that drops, by canonical path, to its module in transformers' body:
            "blocks.0.attention.weights" to "encoder.layer.0.attention.self.dropout"; in a family of ftcore's own to
            itself. Where transformers drops by a function, a module before or after it: "layers.0.fc2:input" is what
            fc2 is given, ":output" what it gives.
        module_names: each parameter whose name in transformers' model is another than in the checkpoint, to that name.
        buffers: what is saved beside the parameters.
    """

    body: Transformer | EncoderDecoder | ResidualConvolution | NativeBody
    parameters: tuple[Parameter, ...]
    family: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    packs: bool = False
    float32_inside: bool = False
    dropout_modules: Mapping[str, str] = field(default_factory=dict)
    module_names: Mapping[str, str] = field(default_factory=dict)
    buffers: tuple[Parameter, ...] = ()

    @property
    def reads(self) -> Input:
        """What an example is: tokens, an image, a sequence of ready vectors, or ready features."""
        body = self.body
        if isinstance(body, Features):
            return "features"
        if isinstance(body, Transformer) and body.patches is not None:
            return "images"
        if isinstance(body, ImageConvolution | ResidualConvolution):
            return "images"
        return "vectors" if isinstance(body, Recurrent) and body.vocabulary is None else "tokens"

    @property
    def token_table(self) -> Parameter | None:
        """The table that token ids are looked up in; None where the inputs are no tokens."""
        return next((one for one in self.parameters if one.path == TABLE_PATH), None)

    @property
    def token_tables(self) -> tuple[Parameter, ...]:
        """Every such table: of an encoder-decoder one, or the encoder's and the decoder's."""
        return tuple(one for one in self.parameters if one.path.endswith(TABLE_PATH))

    @property
    def generates(self) -> bool:
        """Whether a language model of it predicts the next token of a text."""
        body = self.body
        return isinstance(body, EncoderDecoder) or (isinstance(body, Transformer) and body.attention.causal)


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
        pooler: the dense layer of pooling "pooler"; None where that has none, and of another pooling.
        pooler_reads: the pooling whose vector it is given.
        pooler_norm: of what it gives, or None.
        pooler_dropout: rate before the pooler.
        normalize: whether a pooled vector is divided by its Euclidean length, as `Outputs.pooled` then gives it.
        pair: "concat_difference_product" joins the two pooled sequences u, v of an example
            to [u, v, abs(u - v), u * v] (InferSent, Conneau et al. 2017).
        classifier: the last linear map, or None where outputs is 0.
        dropout: rate before the classifier.
        parameters: every parameter of the head.
        vectors: whether the pooled vectors, one a sequence, stand in place of logits; there is no classifier then, and
            `pair` says no more than that an example has several sequences.
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
    pooler_reads: Pooling = "cls"
    pooler_norm: Norm | None = None
    vectors: bool = False

    @property
    def reads(self) -> Pooling | None:
        """How the hidden states of a sequence become one vector."""
        return self.pooler_reads if self.pooling == "pooler" else self.pooling


@dataclass(frozen=True)
class TokenHead:
    """From the hidden state of every position to logits: a language model's, or a classifier of tokens.

    Attributes:
        outputs: number of logits of a position.
        classifier: the last linear map.
        tied: whether the last linear map's weight is the token table, so that it has no parameter of its own.
        transform: a dense layer before the last linear map, or None.
        norm: of what the transform gives.
        scale: what the last linear map's input is multiplied by.
        cap: logits are cap * tanh(logit / cap); None for no bound.
        parameters: every parameter of the head.
        buffers: what is saved beside the parameters.
        of_task: whether it is a task's, and so drawn where a checkpoint has none; a language model's belongs to the
            pretrained model.
        dropout: rate before the last linear map of a task's head.
    """

    outputs: int
    classifier: Dense
    tied: bool
    parameters: tuple[Parameter, ...]
    transform: Dense | None = None
    norm: Norm | None = None
    scale: float = 1.0
    cap: float | None = None
    buffers: tuple[Parameter, ...] = ()
    of_task: bool = False
    dropout: float = 0.0

    # What a head of sequences has, and this one has not.
    pooling: ClassVar[None] = None
    reads: ClassVar[None] = None
    pooler: ClassVar[None] = None
    pair: ClassVar[PairFeatures] = "single"
    normalize: ClassVar[bool] = False
    vectors: ClassVar[bool] = False


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
    def tensors(self) -> tuple[Parameter, ...]:
        """Everything that is saved: the parameters, then the buffers."""
        return self.parameters + self.buffers

    @property
    def buffers(self) -> tuple[Parameter, ...]:
        """What is saved beside the parameters, the body's first."""
        of_head = self.head.buffers if isinstance(self.head, TokenHead) else ()
        return self.architecture.buffers + of_head

    @property
    def couples_examples(self) -> bool:
        """Whether an example's result in training depends on the others: there is batch normalization."""
        return isinstance(self.architecture.body, ResidualConvolution)

    @property
    def dropout_sites(self) -> tuple[str, ...]:
        """Every place that drops, by canonical path."""
        if isinstance(self.head, TokenHead):
            of_head = (HEAD_DROPOUT,) if self.head.of_task else ()
            return (*self.architecture.dropout_modules, *of_head)
        of_pooler = (POOLER_DROPOUT,) if self.head.pooler_dropout else ()
        return (*self.architecture.dropout_modules, *of_pooler, HEAD_DROPOUT)

    @property
    def image_tokens(self) -> int:
        """The number of tokens that every image has; 0 where the input is not cut into patches."""
        body = self.architecture.body
        return body.positions if isinstance(body, Transformer) and body.patches is not None else 0


@dataclass(frozen=True)
class Module:
    """A user's own torch.nn.Module or keras.Model, used as it is and trained in place."""

    module: Any
