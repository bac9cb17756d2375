"""What targets that are tokens of texts share."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from pydantic import ValidationError

from ftcore.contract import Learner
from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.contract.network import EncoderDecoder, Network, Transformer
from ftcore.data import REFERENCES, ColumnRules, Dataset, Form, PreparedData, Row, RowEncoder, TargetCollector
from ftcore.errors import SpecError
from ftcore.evaluation import evaluate_likelihood
from ftcore.generation import GenerationSpec
from ftcore.inputs import WholeSpec
from ftcore.inputs.language import LanguagePreparer
from ftcore.models import HeadKind, LanguageModelHead, ModelPlan
from ftcore.observer import RowsDone, nobody
from ftcore.parts import Problems, SpecPart, is_default
from ftcore.targets.base import ClassMetrics, Known, Modes, Objective, Prediction
from ftcore.targets.judges import Judge
from ftcore.targets.writing import Writer, generation_tokens_of, references_of

TEXT_MODES: Modes = {"loss": "min", "perplexity": "min", "token_accuracy": "max"}
"""Metrics of tokens that are predicted from those before."""


class TokensTarget:
    """Tokens of texts; what an example is says which of them are learned."""

    column: ClassVar[str] = ""
    free_columns: ClassVar[bool] = True
    """Texts that are written can be judged by references that train does not have."""
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "perplexity"
    modes: ClassVar[Modes] = TEXT_MODES
    parts: ClassVar[tuple[type[SpecPart], ...]] = ()
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = ()
    fits_modules: ClassVar[bool] = False
    writes: ClassVar[bool] = True
    given: ClassVar[tuple[Form, ...]] = ()
    """The columns that texts are written from."""

    @property
    def class_metrics(self) -> ClassMetrics | None:
        """Return None: an example has no class."""
        return None

    def modes_of(self, loss: str) -> Modes:
        """Return every metric."""
        return self.modes

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Raise TypeError: no column is learned."""
        raise TypeError("tokens of texts are not a column")

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: there are no classes."""
        return None

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Accept that there are no labels."""

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return the head of a language model."""
        return LanguageModelHead()

    def problems(self, spec: WholeSpec) -> Problems:
        """Return a problem where the loss weighs classes."""
        if not hasattr(spec.loss, "class_weights") or is_default(spec.loss, "class_weights"):
            return []
        return [(("loss", "class_weights"), f"is not for the task {spec.task}: leave it out")]

    def stored_form(self, form: Form) -> Form:
        """Return the columns of an example of train, without the references that judge it."""
        return tuple(name for name in form if name != REFERENCES)

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return False: a config does not say which texts were learned."""
        return False

    def judge(self, known: Known) -> Judge | None:
        """Return what judges written texts; None where nothing does."""
        return None

    def objective(self, known: Known) -> "TokensObjective":
        """Return the target, bound."""
        return TokensObjective(self, known)

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return what is wrong with the settings of generation."""
        given = description.get("generation", {})
        try:
            GenerationSpec.model_validate(given)
        except ValidationError as error:
            return [f"generation is {given!r}, which a spec would not take: {error.errors()[0]['msg']}"]
        return []


class TokensObjective(Objective):
    """Tokens of texts, bound to a language model."""

    @property
    def preparer(self) -> LanguagePreparer:
        """What makes the examples."""
        if not isinstance(self.known.preparer, LanguagePreparer):
            raise TypeError("tokens of texts are learned by language models")
        return self.known.preparer

    @property
    def model(self) -> ModelPlan:
        """The language model."""
        return self.preparer.model

    @property
    def network(self) -> Network:
        """The language model's network."""
        return self.model.network

    @cached_property
    def judges(self) -> Judge | None:
        """What judges written texts; None where nothing does."""
        found: Judge | None = self.target.judge(self.known)
        return found

    def check(self, data: PreparedData) -> None:
        """Check that what is written after training has its positions, before it begins.

        Raises:
            SpecError: it has not.
        """
        if self.judges is None:
            return
        body, most = self.network.architecture.body, self._generation.max_new_tokens
        length = self.preparer.encoding_length
        given, part = (1, body.decoder) if isinstance(body, EncoderDecoder) else (length, body)
        # The last new token is not read.
        if isinstance(part, Transformer) and given + most - 1 > part.longest:
            raise SpecError(
                f"generation.max_new_tokens: given {most} after up to {given} tokens, and the model has {part.longest} "
                "positions: lower it, or data.max_length"
            )

    def evaluate(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the loss, perplexity and accuracy of a split's tokens."""
        perplexity = next(name for name in self.target.modes if name.endswith("perplexity"))
        return evaluate_likelihood(learner, dataset, self.loss, perplexity, self.network.head.outputs, progress)

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the same, and the metrics of written texts where something judges them."""
        judge = self.judge(learner)
        found = self.evaluate(learner, dataset, progress)
        return found if judge is None else found | judge(dataset)

    def judge(self, learner: Learner) -> Callable[[Dataset], dict[str, float]] | None:
        """Return what writes a split's texts and judges them by the references; None where nothing judges them."""
        judges = self.judges
        if judges is None:
            return None
        writer = self.writer(learner)

        def judged(dataset: Dataset) -> dict[str, float]:
            references = references_of(dataset)
            asked = np.flatnonzero([bool(texts) for texts in references])
            texts = list(writer.write(dataset.subset(asked), asked))
            return {} if not texts else judges.judge(texts, [references[place] for place in asked])

        return judged

    def writer(self, learner: Learner) -> Writer:
        """Return what writes texts.

        Raises:
            SpecError: the model writes no texts.
        """
        if not self.target.given:
            raise SpecError("a masked language model writes no texts: fine-tune it, or give it to features")
        tokens = generation_tokens_of(self.model, self.preparer.tokenizers.target, self._generation)
        return Writer(learner, self.preparer, self._generation.settings(), tokens)

    def row_encoder(self, columns: Mapping[str, str], pair: str, forms: tuple[Form, ...]) -> RowEncoder | None:
        """Return what makes prompts of rows, and leaves room for the texts that are written from them."""
        if not self.target.given:
            raise SpecError("a masked language model writes no texts: fine-tune it, or give it to features")
        body, new = self.network.architecture.body, self._generation.max_new_tokens
        length = self.preparer.encoding_length
        # A prompt has a token less than max_length, and the last new token is not read.
        room = body.longest - new + 2 if isinstance(body, Transformer) else length
        preparer = self.preparer.shorter(min(length, room))
        return preparer.row_encoder(ColumnRules(columns, pair, None, self.target.given))

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return the text that is written for each row."""
        # A row is written as it would be in any other chunk.
        places = np.array([row.number - 1 for row in rows], dtype=np.int64)
        return [{"text": text} for text in self.writer(learner).write(dataset, places)]

    def described(self) -> dict[str, Any]:
        """Return its part of ftcore.json."""
        return {"generation": self._generation.model_dump(mode="json", exclude_defaults=True)}

    def about(self, data: PreparedData) -> dict[str, Any]:
        """Return its fields of result.json: what computes each metric of written texts."""
        split = data.test if data.test is not None else data.validation
        judges = self.judges
        if judges is None or split is None:
            return {**super().about(data), "judges": {}}
        return {**super().about(data), "judges": judges.described(references_of(split))}

    @property
    def _generation(self) -> GenerationSpec:
        return self.known.generation or GenerationSpec()
