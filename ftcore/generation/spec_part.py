"""The `generation` part of a spec."""

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
"""The fields that one method alone has."""


class GenerationSpec(SpecPart):
    """How a language model writes in evaluation and prediction."""

    method: Literal["greedy", "beam", "sampling"] = Field(
        "greedy", description="The most probable next token, a search for the most probable text, or a draw."
    )
    max_new_tokens: Count = Field(64, description="The most tokens of a text, its stop token included.")
    min_new_tokens: Annotated[int, Ge(0)] = Field(0, description="Before so many no text ends.")
    stop_tokens: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="Tokens of the tokenizer that end a text, beside the model's own."
    )
    no_repeat_ngram: Annotated[int, Ge(0)] = Field(
        0, description="No sequence of so many tokens comes twice, the prompt included; 0: no such rule."
    )
    repetition_penalty: Annotated[float, Gt(0)] = Field(
        1.0, description="Above 1 lowers the scores of tokens that are there already."
    )
    beams: Annotated[int, Ge(2)] = Field(4, description="With beam: sequences that are kept.")
    length_penalty: float = Field(
        1.0, description="With beam: a text's score is its log probability / tokens ** length_penalty."
    )
    early_stopping: bool | Literal["never"] = Field(
        False,
        description="With beam: a search ends when as many texts as beams are finished (true), when none is likely to "
        "become better (false), or when none can (never).",
    )
    temperature: Annotated[float, Gt(0)] = Field(1.0, description="With sampling: logits are divided by it.")
    top_k: Annotated[int, Ge(0)] = Field(0, description="With sampling: among so many tokens; 0: among all.")
    top_p: Annotated[float, Interval(gt=0, le=1)] = Field(
        1.0, description="With sampling: among the most probable tokens that together have this probability."
    )
    seed: Annotated[int, Ge(0)] = Field(0, description="With sampling: keys the draws.")

    def settings(self) -> GenerationSettings:
        """Return it as the search takes it; stop_tokens are `GenerationTokens.stopping_at`'s."""
        return GenerationSettings(**self.model_dump(exclude={"stop_tokens"}))

    @model_validator(mode="after")
    def _fits(self) -> "GenerationSpec":
        problems: list[tuple[Place, str]] = [
            ((name,), f"is for method: {method}, and method is {self.method}")
            for method, names in OF_METHODS.items()
            for name in names
            if method != self.method and getattr(self, name) != type(self).model_fields[name].default
        ]
        if self.min_new_tokens > self.max_new_tokens:
            text = f"given {self.min_new_tokens}; allowed: at most max_new_tokens, which is {self.max_new_tokens}"
            problems.append((("min_new_tokens",), text))
        require_fit(problems)
        return self
