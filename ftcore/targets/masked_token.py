"""Masked tokens of texts."""

from typing import ClassVar

from ftcore.targets.base import Modes
from ftcore.targets.tokens import TokensTarget


class MaskedToken(TokensTarget):
    """Some tokens of a text from all others (Devlin et al. 2019); every step masks anew.

    Evaluation masks every token in turn, and nothing is drawn: loss and accuracy are means over all tokens, and
    pseudo-perplexity is exp(loss) without smoothing (Salazar et al. 2020, equation 3).
    """

    name: ClassVar[str] = "masked-token"
    metric: ClassVar[str] = "pseudo_perplexity"
    modes: ClassVar[Modes] = {"loss": "min", "pseudo_perplexity": "min", "token_accuracy": "max"}
    writes: ClassVar[bool] = False
