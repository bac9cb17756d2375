"""Defines the base of targets that are tokens of texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from pydantic import ValidationError

from ftcore.contract import Learner
from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.contract.network import EncoderDecoder, Network, Transformer
from ftcore.data import (
    REFERENCES,
    ColumnRules,
    CountedDataset,
    Dataset,
    Form,
    PreparedData,
    Row,
    RowEncoder,
    TargetCollector,
)
from ftcore.errors import SpecError
from ftcore.evaluation import Evaluated, Judged, evaluate_likelihood
from ftcore.generation import GenerationSpec, result_generation, unfollowed
from ftcore.inputs import WholeSpec
from ftcore.inputs.language import LanguagePreparer
from ftcore.models import GENERATION_CONFIG, HeadKind, LanguageModelHead, ModelPlan
from ftcore.observer import RowsDone, nobody
from ftcore.parts import Problems, is_default
from ftcore.targets.base import Known, Modes, Objective, Prediction
from ftcore.targets.judges import Judge
from ftcore.targets.plain import PlainTarget
from ftcore.targets.writing import Writer, generation_tokens_of, references_of

TOO_LARGE = "the mean loss of a token is too large for its exponential"
TEXT_MODES: Modes = {"loss": "min", "perplexity": "min", "token_accuracy": "max"}
"""The metrics of next-token prediction."""


class TokensTarget(PlainTarget):
    """Tokens of texts; each example marks the tokens that are learned."""

    column: ClassVar[str] = ""
    free_columns: ClassVar[bool] = True
    """Evaluation files may have references, which train need not have."""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "perplexity"
    modes: ClassVar[Modes] = TEXT_MODES
    undefined_if: ClassVar[Mapping[str, str]] = dict.fromkeys(("perplexity", "pseudo_perplexity"), TOO_LARGE)
    writes: ClassVar[bool] = True
    given: ClassVar[tuple[Form, ...]] = ()
    """The columns from which texts are generated."""

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Raise TypeError: no column is learned."""
        raise TypeError("tokens of texts are not a column")

    def head(self, labels: Sequence[str], pair: str) -> HeadKind:
        """Return the head of a language model."""
        return LanguageModelHead()

    def problems(self, spec: WholeSpec) -> Problems:
        """Return a problem if the loss has class weights."""
        if not hasattr(spec.loss, "class_weights") or is_default(spec.loss, "class_weights"):
            return []
        return [(("loss", "class_weights"), f"is not for the task {spec.task}: leave it out")]

    def stored_form(self, form: Form) -> Form:
        """Return the columns of train's examples, without the references."""
        return tuple(name for name in form if name != REFERENCES)

    def fits_config(self, head: str, problem_type: str) -> bool:
        """Return False: a config does not tell which texts were learned."""
        return False

    def judge(self, known: Known) -> Judge | None:
        """Return the judge of generated texts; None if there is none."""
        return None

    def objective(self, known: Known) -> "TokensObjective":
        """Return the bound target."""
        return TokensObjective(self, known)

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in the settings of generation."""
        given = description.get("generation", {})
        try:
            GenerationSpec.model_validate(given)
        except ValidationError as error:
            return [f"generation is {given!r}, which is not valid in a spec: {error.errors()[0]['msg']}"]
        return []


class TokensObjective(Objective):
    """A target of tokens, bound to a language model."""

    @property
    def preparer(self) -> LanguagePreparer:
        """The preparer of the examples."""
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
        """The judge of generated texts; None if there is none."""
        found: Judge | None = self.target.judge(self.known)
        return found

    def check(self, data: PreparedData) -> None:
        """Check before training that texts can be generated and judged.

        Raises:
            SpecError: the model has too few positions, or validation and test would be judged in different ways.
        """
        if self.judges is None:
            return
        self.check_lengths()
        self._check_readings(self.judges, data)

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return messages for the user about references that the judge does not see."""
        if self.judges is None:
            return []
        references = [texts for texts in references_of(split) if texts]
        if not references:
            return [f"{where}: no example has a reference, so generated texts are not judged"]
        return [f"{where}: {note}" for note in self.judges.notes(references)]

    def _check_readings(self, judges: Judge, data: PreparedData) -> None:
        """Raise SpecError if the metrics of validation and test would not be comparable."""
        found = {
            name: judges.reading(references)
            for name, split in data.evaluated.items()
            if (references := [texts for texts in references_of(split) if texts])
        }
        if len(set(found.values())) > 1:
            said = ", ".join(f"{name} by {reading}" for name, reading in found.items())
            raise SpecError(
                f"the references are of different scripts and would be judged differently ({said}): "
                "set data.metric_language"
            )

    def check_lengths(self) -> None:
        """Raise SpecError if the model has too few positions for the texts that are generated."""
        if self.judges is None:
            return
        body, most = self.network.architecture.body, self._generation.max_new_tokens
        length = self.preparer.encoding_length
        given, part = (1, body.decoder) if isinstance(body, EncoderDecoder) else (length, body)
        # The last new token is not read.
        if isinstance(part, Transformer) and given + most - 1 > part.longest:
            raise SpecError(
                f"generation.max_new_tokens: given {most} after up to {given} tokens, but the model has {part.longest} "
                "positions: lower it, or data.max_length"
            )

    def initialized(self, model: ModelPlan, train: CountedDataset) -> ModelPlan:
        """Return the model; its result says to transformers how this run writes texts."""
        if not (self.target.given and model.generation):
            return model
        tokens = generation_tokens_of(self.model, self.preparer.tokenizers.target, self._generation)
        said = result_generation(model.generation, self._generation.settings(), tokens)
        return replace(model, generation=said)

    def notes(self, data: PreparedData) -> list[str]:
        """Return a note about settings of the model's files that the spec's `generation` part replaces."""
        found = unfollowed(self.model.generation, self._generation.settings()) if self.target.given else {}
        said = ", ".join(f"{name} {value!r}" for name, value in found.items())
        note = (
            f"{GENERATION_CONFIG} of the model says {said}, which ftcore does not follow: texts are written as the "
            "spec's generation part says, and the result's file says the same"
        )
        return [*super().notes(data), *([note] if found else [])]

    def evaluated(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> Evaluated:
        """Return the loss, perplexity and accuracy of a split's tokens."""
        perplexity = next(name for name in self.target.modes if name.endswith("perplexity"))
        outputs = self.network.head.outputs
        return Evaluated(evaluate_likelihood(learner, dataset, self.loss, perplexity, outputs, progress))

    def evaluate_in_detail(self, learner: Learner, dataset: Dataset, progress: RowsDone = nobody) -> dict[str, float]:
        """Return the same, and the judge's metrics of generated texts if there is one."""
        judge = self.judge(learner)
        found = self.evaluate(learner, dataset, progress)
        return found if judge is None else found | judge(dataset).metrics

    def judge(self, learner: Learner) -> Callable[[Dataset], Judged] | None:
        """Return a function that generates a split's texts and judges them by the references; None without a judge."""
        judges = self.judges
        if judges is None:
            return None
        writer = self.writer(learner)

        def judged(dataset: Dataset) -> Judged:
            references = references_of(dataset)
            asked = np.flatnonzero([bool(texts) for texts in references])
            texts = list(writer.write(dataset.subset(asked), asked))
            metrics = judges.judge(texts, [references[place] for place in asked]) if texts else {}
            return Judged(metrics, texts)

        return judged

    def writer(self, learner: Learner) -> Writer:
        """Return the writer of texts.

        Raises:
            SpecError: the model generates no texts.
        """
        if not self.target.given:
            raise SpecError("a masked language model generates no texts: fine-tune it, or use ftcore features")
        tokens = generation_tokens_of(self.model, self.preparer.tokenizers.target, self._generation)
        return Writer(learner, self.preparer, self._generation.settings(), tokens)

    def row_encoder(self, columns: Mapping[str, str], pair: str, forms: tuple[Form, ...]) -> RowEncoder | None:
        """Return the encoder of rows as prompts, which leave room for the generated texts."""
        if not self.target.given:
            raise SpecError("a masked language model generates no texts: fine-tune it, or use ftcore features")
        body, new = self.network.architecture.body, self._generation.max_new_tokens
        length = self.preparer.encoding_length
        # A prompt is one token shorter than max_length, and the last new token is not read.
        room = body.longest - new + 2 if isinstance(body, Transformer) else length
        preparer = self.preparer.shorter(min(length, room))
        return preparer.row_encoder(ColumnRules(columns, pair, None, self.target.given))

    def predict(
        self, learner: Learner, dataset: Dataset, rows: Sequence[Row], columns: Mapping[str, str]
    ) -> list[Prediction]:
        """Return the generated text of each row."""
        # A row's text does not depend on the chunk that it is in.
        places = np.array([row.number - 1 for row in rows], dtype=np.int64)
        return [{"text": text} for text in self.writer(learner).write(dataset, places)]

    def described(self) -> dict[str, Any]:
        """Return this target's fields of ftcore.json."""
        return {"generation": self._generation.model_dump(mode="json", exclude_defaults=True)}

    def about(self, data: PreparedData) -> dict[str, Any]:
        """Return this target's fields of result.json: the library that computes each metric of generated texts."""
        split = data.test if data.test is not None else data.validation
        return {**super().about(data), "judges": {} if split is None else self.judged_by(split)}

    def judged_by(self, split: Dataset) -> Mapping[str, str]:
        """Return the library that computes each metric of a split's generated texts, with its settings."""
        references = [] if self.judges is None else [texts for texts in references_of(split) if texts]
        return {} if self.judges is None or not references else self.judges.described(references)

    @property
    def _generation(self) -> GenerationSpec:
        return self.known.generation or GenerationSpec()
