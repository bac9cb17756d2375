"""An encoder, and a decoder that attends to what it gives: two of the one transformer."""

import keras
from keras import ops

from ftcore.models.network import DECODER, ENCODER, EncoderDecoder
from ftcore_keras.attention import Memory
from ftcore_keras.dropout import Masks
from ftcore_keras.functions import Tensor
from ftcore_keras.layers import Embedding, Variables
from ftcore_keras.layout import Inputs, attention_bias
from ftcore_keras.precision import Types
from ftcore_keras.transformer import TransformerBody


class EncoderDecoderBody(keras.Layer):
    """Encoder and decoder, with one table of tokens or two."""

    def __init__(self, body: EncoderDecoder, types: Types) -> None:
        super().__init__(dtype=types.variables)
        part = body.encoder
        self.tokens = None
        if body.shared_tokens:
            self.tokens = Embedding(part.vocabulary, part.hidden, types.variables, part.untrained_token)
        self.encoder = TransformerBody(part, types, ENCODER, self.tokens)
        self.decoder = TransformerBody(body.decoder, types, DECODER, self.tokens)
        self._hidden = part.hidden
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> list[Tensor]:
        """Return the hidden states of the encoder, [rows, length, hidden], then the decoder's, of the target length."""
        source = _of_one_type({"input_ids": inputs["input_ids"], "attention_mask": inputs["attention_mask"]})
        target = _of_one_type(
            {"input_ids": inputs["decoder_input_ids"], "attention_mask": inputs["decoder_attention_mask"]}
        )
        encoded = self.encoder(source, masks=masks)
        memory = Memory(ops.reshape(encoded[-1], (-1, self._hidden)), attention_bias(source, self.compute_dtype))
        return [*encoded, *self.decoder(target, masks=None if masks is None else masks.of_decoder(), memory=memory)]

    @property
    def token_table(self) -> Tensor:
        """The table that the decoder's tokens are looked up in, [vocabulary, hidden]."""
        return self.decoder.token_table

    def named(self) -> Variables:
        """Return the variables by path."""
        shared = {} if self.tokens is None else {"embeddings.tokens": self.tokens.table}
        return {**shared, **self.encoder.named(), **self.decoder.named()}


def _of_one_type(inputs: Inputs) -> Inputs:
    """Return inputs with the first token type for every token, which a part may have a table of."""
    return {**inputs, "token_type_ids": ops.zeros_like(inputs["input_ids"])}
