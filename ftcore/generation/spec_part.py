"""Defines the `generation` part of a spec."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Interval
from pydantic import Field, model_validator

from ftcore.generation.settings import GenerationSettings
from ftcore.parts import Place, SpecPart, require_fit

Count = Annotated[int, Ge(1)]
OF_METHODS = {
    "beam": ("beams", "length_penalty", "early_stopping"),
    "sampling": ("temperature", "top_k", "top_p", "seed"),
}
"""The fields that belong to only one method."""


class GenerationSpec(SpecPart):
    """How a language model generates texts in evaluation and prediction."""

    method: Literal["greedy", "beam", "sampling"] = Field(
        "greedy", description="Take the most probable next token, search for the most probable text, or draw."
    )
    max_new_tokens: Count = Field(64, description="Maximum tokens of a text, with its stop token.")
    min_new_tokens: Annotated[int, Ge(0)] = Field(0, description="Minimum tokens of a text.")
    stop_tokens: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="Further tokens that end a text, as the tokenizer writes them."
    )
    no_repeat_ngram: Annotated[int, Ge(0)] = Field(
        0, description="No sequence of this many tokens occurs twice, prompt included; 0: no limit."
    )
    repetition_penalty: Annotated[float, Gt(0)] = Field(
        1.0, description="A value above 1 lowers the scores of earlier tokens."
    )
    beams: Annotated[int, Ge(2)] = Field(4, description="With beam: number of sequences kept.")
    length_penalty: float = Field(
        1.0, description="With beam: a text's score is its log-probability / tokens ** length_penalty."
    )
    early_stopping: bool | Literal["never"] = Field(
        False,
        description="With beam: stop when as many texts as beams are finished (true), when a better text is unlikely "
        "(false), or when none is possible (never).",
    )
    temperature: Annotated[float, Gt(0)] = Field(1.0, description="With sampling: divides the logits.")
    top_k: Annotated[int, Ge(0)] = Field(0, description="With sampling: draw from this many tokens; 0: all.")
    top_p: Annotated[float, Interval(gt=0, le=1)] = Field(
        1.0, description="With sampling: draw from the most probable tokens with this total probability."
    )
    seed: Annotated[int, Ge(0)] = Field(0, description="With sampling: seed of the draws.")

    def settings(self) -> GenerationSettings:
        """Return the settings of the search; `GenerationTokens.stopping_at` handles stop_tokens."""
        return GenerationSettings(**self.model_dump(exclude={"stop_tokens"}))

    @model_validator(mode="after")
    def _fits(self) -> "GenerationSpec":
        problems: list[tuple[Place, str]] = [
            ((name,), f"is for method: {method}, but method is {self.method}")
            for method, names in OF_METHODS.items()
            for name in names
            if method != self.method and getattr(self, name) != type(self).model_fields[name].default
        ]
        if self.min_new_tokens > self.max_new_tokens:
            text = f"given {self.min_new_tokens}; allowed: at most max_new_tokens, which is {self.max_new_tokens}"
            problems.append((("min_new_tokens",), text))
        require_fit(problems)
        return self
