"""The folders of a spec's tokenizers: where it names them, or trained on the texts of its training file."""

from collections.abc import Collection
from pathlib import Path

from ftcore.data.columns import ColumnRules
from ftcore.data.forms import REFERENCES, SOURCE, TARGET
from ftcore.data.training_texts import TrainingTexts
from ftcore.models import ENCODER_DECODERS, ModelPart, read_config, resolve
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import ANY_TASK
from ftcore.text import BEGIN, TARGET_TOKENIZER, Before, TokenizerTraining, trained_tokenizer


def tokenizer_folder(spec: TaskSpec, base: Path) -> Path:
    """Return the folder of the tokenizer of what a spec's network reads; of an encoder-decoder, of its sources.

    Raises:
        ModelError: a location is not found.
        DataError: the training file cannot be read, or has no texts.
    """
    model = spec.model
    if model.encoder is not None:
        return _of_part(spec, model.encoder, base, SOURCE)
    if model.module is not None:
        return resolve(str(model.tokenizer), None, base)
    if model.from_scratch is None:
        return resolve(str(model.pretrained), model.revision, base)
    folder, given = resolve(model.from_scratch.architecture, model.revision, base), model.from_scratch.tokenizer
    if isinstance(given, TokenizerTraining):
        columns = {name for form in ANY_TASK[spec.task].forms for name in form} - {REFERENCES}
        return _trained(spec, given, base, columns, _before(folder))
    return folder if given is None else resolve(given, None, base)


def target_tokenizer_folder(spec: TaskSpec, base: Path) -> Path:
    """Return the folder of the tokenizer of what a spec's network writes; mostly that of what it reads.

    Raises:
        ModelError: a location is not found.
        DataError: the training file cannot be read, or has no texts.
    """
    if spec.model.decoder is not None:
        return _of_part(spec, spec.model.decoder, base, TARGET)
    folder = tokenizer_folder(spec, base)
    own = folder / TARGET_TOKENIZER
    return own if own.is_dir() else folder


def _of_part(spec: TaskSpec, part: ModelPart, base: Path, column: str) -> Path:
    if isinstance(part.tokenizer, TokenizerTraining):
        return _trained(spec, part.tokenizer, base, {column}, "" if column == TARGET else BEGIN)
    if part.tokenizer is not None:
        return resolve(part.tokenizer, None, base)
    return resolve(str(part.pretrained or part.from_scratch), part.revision, base)


def _trained(spec: TaskSpec, training: TokenizerTraining, base: Path, columns: Collection[str], before: Before) -> Path:
    rules = ColumnRules(spec.data.columns, spec.data.pair, None, ANY_TASK[spec.task].forms, optional=True)
    texts = TrainingTexts(spec.data.train, base, rules, columns)
    return trained_tokenizer(texts, training.train, training.vocabulary, texts.sources, before)


def _before(folder: Path) -> Before:
    """Return what a tokenizer for an architecture puts before a text: nothing where texts are targets as well."""
    return "" if read_config(folder).get("model_type") in ENCODER_DECODERS else BEGIN
