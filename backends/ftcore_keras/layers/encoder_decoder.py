"""Implements encoder-decoders: two transformers, where the decoder attends to the encoder's output."""

from collections.abc import Sequence

import keras
from keras import ops

from ftcore.contract.network import DECODER, ENCODER, EncoderDecoder
from ftcore_keras.layers.attention import KeysValues, Memory, Remembered
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.embedding import Embedding
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.layout import Inputs, attention_bias
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.precision import Types
from ftcore_keras.layers.transformer import TransformerBody


class EncoderDecoderBody(keras.Layer):
    """Encoder and decoder, with one table of tokens or two."""

    def __init__(self, body: EncoderDecoder, types: Types) -> None:
        super().__init__(dtype=types.variables)
        part = body.encoder
        self.tokens = None
        if body.shared_tokens:
            self.tokens = Embedding(part.vocabulary, part.hidden, types.variables, part.untrained_token)
        self.encoder = TransformerBody(part, types, ENCODER, not body.shared_tokens)
        self.decoder = TransformerBody(body.decoder, types, DECODER, not body.shared_tokens)
        self._hidden = part.hidden
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> list[Tensor]:
        """Return the hidden states of the encoder, [rows, length, hidden], then the decoder's, of the target length."""
        source, target = _text(inputs, ""), _text(inputs, "decoder_")
        if self.tokens is not None:
            source, target = _with_vectors(self.tokens, source, target)
        encoded = self.encoder(source, masks=masks)
        memory = self._memory(encoded[-1], source)
        return [*encoded, *self.decoder(target, masks=None if masks is None else masks.of_decoder(), memory=memory)]

    def remembered(self, inputs: Inputs) -> list[Remembered]:
        """Return the keys and values for each decoder block, of source texts' `input_ids` and `attention_mask`."""
        source = self._looked_up(_text(inputs, ""))
        return self.decoder.remembered(self._memory(self.encoder(source)[-1], source))

    def step(
        self, inputs: Inputs, past: Sequence[KeysValues], memories: Sequence[Remembered]
    ) -> tuple[Tensor, list[KeysValues]]:
        """Return the decoder's step; inputs as in `TransformerBody.step`, for the decoder's tokens."""
        return self.decoder.step(self._looked_up(inputs), past, memories)

    def _memory(self, encoded: Tensor, source: Inputs) -> Memory:
        return Memory(ops.reshape(encoded, (-1, self._hidden)), attention_bias(source, self.compute_dtype))

    def _looked_up(self, text: Inputs) -> Inputs:
        return text if self.tokens is None else {**text, "token_vectors": self.tokens(text["input_ids"])}

    @property
    def token_table(self) -> Tensor:
        """The table of the decoder's tokens, [vocabulary, hidden]."""
        return self.decoder.token_table if self.tokens is None else self.tokens.table

    def named(self) -> Variables:
        """Return the variables by path."""
        shared = {} if self.tokens is None else {"embeddings.tokens": self.tokens.table}
        return {**shared, **self.encoder.named(), **self.decoder.named()}


def _text(inputs: Inputs, prefix: str) -> Inputs:
    """Return the inputs of encoder or decoder; every token has the first token type."""
    ids, mask = inputs[f"{prefix}input_ids"], inputs[f"{prefix}attention_mask"]
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": ops.zeros_like(ids)}


def _with_vectors(tokens: Embedding, source: Inputs, target: Inputs) -> tuple[Inputs, Inputs]:
    """Return both with `token_vectors`, from one lookup, as TensorFlow adds three gradients in no fixed order."""
    ids, length = [text["input_ids"] for text in (source, target)], ops.shape(source["input_ids"])[1]
    found = tokens(ops.concatenate(ids, axis=1))
    return {**source, "token_vectors": found[:, :length]}, {**target, "token_vectors": found[:, length:]}
