"""The folders of a spec's tokenizers: where it names them, or trained on the texts of its training file."""

from pathlib import Path

from ftcore.data.columns import ColumnRules
from ftcore.data.tokenizer_training import BEGIN, trained_tokenizer
from ftcore.data.training_texts import TrainingTexts
from ftcore.models.config import read_config
from ftcore.models.families import ENCODER_DECODERS
from ftcore.models.location import resolve
from ftcore.spec.model import ModelPart, TokenizerTraining
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import TASKS

SOURCE, TARGET = "source", "target"
"""ftcore's names of the columns of a text and of what is made of it."""


def tokenizer_folder(spec: TaskSpec, base: Path) -> Path:
    """Return the folder of the tokenizer of what a spec's network reads; of an encoder-decoder, of its sources.

    Raises:
        ModelError: a location is not found.
        DataError: the training file cannot be read, or has no texts.
    """
    model = spec.model
    if model.encoder is not None:
        return _of_part(spec, model.encoder, base, SOURCE, BEGIN)
    if model.module is not None:
        return resolve(str(model.tokenizer), None, base)
    if model.from_scratch is None:
        return resolve(str(model.pretrained), model.revision, base)
    architecture = resolve(model.from_scratch.architecture, model.revision, base)
    return _chosen(spec, model.from_scratch.tokenizer, architecture, base)


def target_tokenizer_folder(spec: TaskSpec, base: Path) -> Path:
    """Return the folder of the tokenizer of what a spec's network writes: that of what it reads, but for two parts.

    Raises:
        ModelError: a location is not found.
        DataError: the training file cannot be read, or has no texts.
    """
    if spec.model.decoder is None:
        return tokenizer_folder(spec, base)
    return _of_part(spec, spec.model.decoder, base, TARGET, "")
