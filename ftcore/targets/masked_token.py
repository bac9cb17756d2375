"""Defines the target of masked language modeling."""

from typing import ClassVar

from ftcore.targets.base import Modes
from ftcore.targets.tokens import TokensTarget


class MaskedToken(TokensTarget):
    """The masked tokens of a text, predicted from the others (Devlin et al. 2019); each step masks other tokens.

    Evaluation masks each token in turn, without random draws: loss and accuracy are means over all tokens, and
    pseudo-perplexity is exp(loss) without smoothing (Salazar et al. 2020, equation 3).
    """

    name: ClassVar[str] = "masked-token"
    metric: ClassVar[str] = "pseudo_perplexity"
    modes: ClassVar[Modes] = {"loss": "min", "pseudo_perplexity": "min", "token_accuracy": "max"}
    writes: ClassVar[bool] = False
