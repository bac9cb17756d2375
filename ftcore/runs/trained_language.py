"""A fine-tuned language model, loaded for evaluation or to write texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract import Learner, Program
from ftcore.contract import discovery as backends
from ftcore.contract.losses import Loss
from ftcore.contract.network import Transformer
from ftcore.data.prepare import prepare_file
from ftcore.errors import SpecError
from ftcore.evaluation.likelihood import evaluate_language
from ftcore.inputs.language.encoding import Encoding, Texts
from ftcore.inputs.language.loader import LanguageLoader
from ftcore.inputs.language.masked import MaskedExamples
from ftcore.models import ModelPlan, plan_language_model
from ftcore.runs.language_checks import is_judged
from ftcore.runs.language_texts import READING, encoding_of_model, generation_tokens_of, with_texts
from ftcore.runs.trained import default_backend, stored_loss
from ftcore.spec.data import DataSpec
from ftcore.spec.generation import GenerationSpec
from ftcore.targets.writing import Writer, judged
from ftcore.tasks import LANGUAGE_TASKS, LanguageTask


@dataclass(frozen=True)
class TrainedLanguage:
    """A fine-tuned language model on a backend.

    Attributes:
        learner: holds its parameters.
        model: its network.
        task, loss: what it was trained for.
        texts: its tokenizers.
        data: how texts are read.
        encoding: how they become examples.
        description: ftcore.json's content.
    """

    learner: Learner
    model: ModelPlan
    task: LanguageTask
    loss: Loss
    texts: Texts
    data: DataSpec
    encoding: Encoding
    description: Mapping[str, Any]

    def writer(self, generation: GenerationSpec | None = None) -> Writer:
        """Return what writes texts.

        Args:
            generation: how the next token is chosen; None for as the training's spec says.

        Raises:
            SpecError: a masked language model writes no texts.
        """
        if not self.task.given:
            raise SpecError(f"the task {self.task.name} writes no texts: fine-tune the model, or give it to features")
        chosen = generation or GenerationSpec(**self.description.get("generation", {}))
        tokens = generation_tokens_of(self.model, self.texts, chosen)
        return Writer(self.learner, self.model.network, self.texts, chosen.settings(), tokens)

    def prompts(self, base: Path) -> LanguageLoader:
        """Return what makes examples of the texts that others are written from, and leaves room for these."""
        body, new = self.model.network.architecture.body, self.writer().settings.max_new_tokens
        # A prompt has a token less than max_length, and the last new token is not read.
        room = body.longest - new + 2 if isinstance(body, Transformer) else self.data.max_length
        data = self.data.model_copy(update={"max_length": min(self.data.max_length, room)})
        model, texts = with_texts(self.model, self.task, data)
        encoding = encoding_of_model(self.task, data, texts, model, seed=0)
        return encoding.loader(encoding.encoder.prompts, base, lambda text: None)

    def evaluate(self, path: str, base: Path) -> dict[str, float]:
        """Return loss and metrics of a file's texts; those of written texts too, where the task judges them."""
        loader = self.encoding.loader(self.encoding.encoder.examples, base, lambda text: None)
        dataset = prepare_file(loader, path, self.data, self.task)
        if isinstance(dataset, MaskedExamples):
            dataset = dataset.one_by_one()
        vocabulary = self.model.network.head.outputs
        found = evaluate_language(dataset, self.learner, self.loss, self.task, vocabulary)
        if not is_judged(self.task, self.data):
            return found
        return found | judged(self.writer(), self.task, self.data.answer_pattern)(dataset)


def load_language(folder: Path, description: Mapping[str, Any], backend: str | None) -> TrainedLanguage:
    """Load a model folder that a task of language models wrote.

    Args:
        folder: the model folder.
        description: its ftcore.json.
        backend: a registered backend's name; None for the run's own, or the only one installed.
    """
    task, model = LANGUAGE_TASKS[description["task"]], plan_language_model(folder, 0.0)
    loss = stored_loss(description, task.losses[0])
    program = Program(model.network, loss, precision=description.get("precision", "float32"))
    learner = backends.load(backend or default_backend(description)).build(program)
    learner.load_tensors(model.tensors)
    data = DataSpec(train=str(folder), **{name: description[name] for name in READING if name in description})
    model, texts = with_texts(model, task, data)
    encoding = encoding_of_model(task, data, texts, model, seed=0)
    return TrainedLanguage(learner, model, task, loss, texts, data, encoding, description)
