"""A result as an ordinary Hugging Face folder, and back."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract.network import Network, TokenHead
from ftcore.errors import ModelError
from ftcore.inputs.images.processor import PREPROCESSOR, default_processor
from ftcore.models.checkpoint import DTYPES, HEAD, WEIGHTS
from ftcore.models.config import CONFIG, GENERATION_CONFIG, generic_labels
from ftcore.models.description import DESCRIPTION, check_description, describe
from ftcore.models.families import FAMILIES, LANGUAGE_MODELS, Family
from ftcore.models.kept_head import head_class
from ftcore.models.location import resolve
from ftcore.models.plan import ModelPlan, plan_model
from ftcore.models.sentence_files import write_sentence_files
from ftcore.spec.model import ModelSpec
from ftcore.tasks import TASKS, Task
from ftcore.text import FAST, FILES, TARGET_TOKENIZER, tokenizer_file

STALE = ("_name_or_path", "transformers_version", "torch_dtype", "num_labels", "_num_labels")
"""Fields of the pretrained model's config that do not hold for the result."""
OF_CLASSES = ("problem_type", "id2label", "label2id")
"""Those that a model without a classifier does not have."""


def write_model(
    folder: Path,
    plan: ModelPlan,
    tensors: Mapping[str, np.ndarray],
    labels: list[str],
    task: Task,
    dtype: str | None,
    ftcore_json: Mapping[str, Any],
) -> list[str]:
    """Write a model folder, complete or not at all; one that is there is replaced.

    With the family's own pooling the folder is an ordinary sequence classifier of transformers; with a head for tokens,
    an ordinary token classifier. With another pooling, or with separately encoded pairs, it is the family's plain
    model, with the head's tensors in head.safetensors. So it is where the network stops at its vectors; what
    sentence-transformers needs lies beside it then.
    A family of ftcore's own has all tensors in one file.

    Args:
        folder: where to.
        plan: the network and where its files came from.
        tensors: every parameter and buffer under its checkpoint name, float of its shape or a count.
        labels: label names in order; [] where the task has none.
        task: gives problem_type.
        dtype: of the written weights; None for the checkpoint's own.
        ftcore_json: what ftcore.json says beside the network's own facts: max_length, columns and so on.

    Returns:
        Notes for the user.

    Raises:
        ModelError: tensors are missing or unexpected, or a value does not fit the type.
    """
    stored_as = dtype or plan.dtype
    family = FAMILIES[plan.network.architecture.family]
    stored = _stored(plan.network, tensors, stored_as)
    standard = _is_standard(plan.network, family)
    description = {**ftcore_json, **_facts(plan.network, labels, task)}
    check_description(folder / DESCRIPTION, description)
    with _replaced(folder) as temporary:
        if standard:
            _save(temporary / WEIGHTS, stored)
        else:
            _save_apart(temporary, family, stored)
        _save_json(temporary / CONFIG, _config(plan.network, family, standard, labels, task, stored_as))
        _save_json(temporary / DESCRIPTION, description)
        if task.reads in PREPARATION:
            PREPARATION[task.reads](plan, temporary)
        of_vectors = _save_sentence_files(plan.network, family, description, temporary)
    return [*_rounding_note(tensors, stored_as), *_form_note(plan.network, family, standard), *of_vectors]


def write_language_model(
    folder: Path,
    plan: ModelPlan,
    tensors: Mapping[str, np.ndarray],
    dtype: str | None,
    description: Mapping[str, Any] | None = None,
) -> list[str]:
    """Write a language model as transformers would, complete or not at all; a folder that is there is replaced.

    Args:
        folder: where to.
        plan: the network and where its files came from.
        tensors: every parameter and buffer under its checkpoint name, float of its shape.
        dtype: of the written weights; None for the checkpoint's own.
        description: what ftcore.json says; None for no such file.

    Returns:
        Notes for the user.

    Raises:
        ModelError: tensors are missing or unexpected, or a value does not fit the type.
    """
    stored_as = dtype or plan.dtype
    architecture = plan.network.architecture
    stored = _stored(plan.network, tensors, stored_as)
    config = {name: value for name, value in architecture.config.items() if name not in STALE}
    config |= {"architectures": [LANGUAGE_MODELS[architecture.family].language_model_class], "dtype": stored_as}
    with _replaced(folder) as temporary:
        _save(temporary / WEIGHTS, stored)
        _save_json(temporary / CONFIG, config)
        if plan.generation:
            _save_json(temporary / GENERATION_CONFIG, plan.generation)
        if description is not None:
            check_description(folder / DESCRIPTION, description)
            _save_json(temporary / DESCRIPTION, description)
        _copy_tokenizer(plan, temporary)
        if plan.target_tokenizer_folder is not None:
            _copy_target_tokenizer(plan.target_tokenizer_folder, temporary / TARGET_TOKENIZER)
    return _rounding_note(tensors, stored_as)


def read_model(folder: Path) -> ModelPlan:
    """Return the network of a folder with a trained head, with every value from its files.

    Args:
        folder: one that `write_model` wrote, the run folder around it, or a classifier of transformers.

    Raises:
        ModelError: it is not such a folder, or lacks part of its head.
    """
    folder = resolve(str(folder.absolute()), None, folder)
    description = describe(folder)
    spec = ModelSpec(pretrained=str(folder.absolute()))
    unit = TASKS[description["task"]].unit
    plan = plan_model(spec, description["outputs"], description["pair"], seed=0, base=folder, unit=unit)
    if plan.new:
        raise ModelError(f"{folder}: has no trained head: {', '.join(plan.new)} are not in its files")
    return plan


def _is_standard(network: Network, family: Family) -> bool:
    """Return whether the head is that of the family's class, or transformers has none to keep to."""
    head = network.head
    if isinstance(head, TokenHead):
        return True
    if head.vectors:
        return not family.body_class
    own = head.pooling == family.pooling and head.pair == "single" and not head.normalize
    return own or not family.body_class


def _stored(network: Network, tensors: Mapping[str, np.ndarray], dtype: str) -> dict[str, np.ndarray]:
    names = [tensor.name for tensor in network.tensors]
    wrong = sorted(set(names) ^ set(tensors))
    if wrong:
        raise ModelError(f"tensors that the result lacks, or does not know: {', '.join(wrong)}")
    saved = [tensor.name for tensor in network.tensors if tensor.saved]
    return {name: tensors[name] if _counts(tensors[name]) else _cast(name, tensors[name], dtype) for name in saved}


def _counts(values: np.ndarray) -> bool:
    return values.dtype.kind == "i"


def _cast(name: str, values: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        # safetensors writes the memory as it lies: a transposed view would be stored wrong without a word.
        cast: np.ndarray = np.ascontiguousarray(values.astype(DTYPES[dtype]))
    if not np.isfinite(cast).all() and np.isfinite(values).all():
        largest = float(np.abs(values).max())
        raise ModelError(f"{name!r} has the value {largest:.3g}, too large for {dtype}: set output.dtype: float32")
    return cast


def _copy_tokenizer(plan: ModelPlan, folder: Path) -> None:
    _copy_files(plan.tokenizer_folder, FILES, folder)
    if plan.tokenizer_json is not None:
        (folder / FAST).write_text(plan.tokenizer_json, encoding="utf-8")


def _copy_target_tokenizer(source: Path, folder: Path) -> None:
    """Copy a tokenizer, its tokenizer.json always: converting older files takes config.json, which is not here."""
    folder.mkdir()
    _copy_files(source, FILES, folder)
    shutil.copyfile(tokenizer_file(source), folder / FAST)


def _copy_files(source: Path, names: Iterable[str], folder: Path) -> None:
    for name in names:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)


def _save_processor(plan: ModelPlan, folder: Path) -> None:
    """Write how images are prepared; where a pretrained model does not say it, nothing."""
    stored = plan.tokenizer_folder / PREPROCESSOR
    if stored.is_file():
        shutil.copyfile(stored, folder / PREPROCESSOR)
    elif not (plan.is_pretrained and FAMILIES[plan.network.architecture.family].body_class):
        _save_json(folder / PREPROCESSOR, default_processor(plan.network.architecture).to_config())


PREPARATION: dict[str, Callable[[ModelPlan, Path], None]] = {"tokens": _copy_tokenizer, "images": _save_processor}
"""What a task reads, to what writes how that is prepared; vectors and arrays are ready."""


def _save(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    from safetensors.numpy import save_file

    save_file(dict(tensors), path, metadata={"format": "pt"})


def _save_apart(folder: Path, family: Family, tensors: Mapping[str, np.ndarray]) -> None:
    """Save the plain model under its own names, without prefix, and the rest of the head beside it."""
    body = {
        name.removeprefix(family.prefix): array for name, array in tensors.items() if name.startswith(family.prefix)
    }
    _save(folder / WEIGHTS, body)
    head = {name: array for name, array in tensors.items() if not name.startswith(family.prefix)}
    if head:
        _save(folder / HEAD, head)


def _save_sentence_files(network: Network, family: Family, description: Mapping[str, Any], folder: Path) -> list[str]:
    """Write what sentence-transformers needs of a network that gives vectors; return notes for the user."""
    head = network.head
    if isinstance(head, TokenHead) or not head.vectors or not family.body_class:
        return []
    return write_sentence_files(folder, network.architecture, head, description["max_length"])


def _config(
    network: Network, family: Family, standard: bool, labels: list[str], task: Task, dtype: str
) -> dict[str, Any]:
    config = {name: value for name, value in network.architecture.config.items() if name not in STALE}
    if network.head.vectors:
        fields = {name: value for name, value in config.items() if name not in OF_CLASSES}
        return {"pad_token_id": 0, **fields, "architectures": [family.body_class], "dtype": dtype}
    names = labels or generic_labels(network.head.outputs)
    return {
        **({} if network.architecture.token_table is None else {"pad_token_id": 0}),
        **config,
        "architectures": [head_class(network, family) if standard else family.body_class],
        "dtype": dtype,
        "problem_type": task.problem_type or None,
        "id2label": {str(index): name for index, name in enumerate(names)},
        "label2id": {name: index for index, name in enumerate(names)},
    }


def _facts(network: Network, labels: list[str], task: Task) -> dict[str, Any]:
    head = network.head
    of_sequences = {} if isinstance(head, TokenHead) else {"pooling": head.pooling, "normalize": head.normalize}
    return {
        "task": task.name,
        "labels": labels,
        "outputs": head.outputs,
        **of_sequences,
        "pair": "joint" if head.pair == "single" else "separate",
    }


def _save_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounding_note(tensors: Mapping[str, np.ndarray], dtype: str) -> list[str]:
    computed = max((array.dtype for array in tensors.values() if not _counts(array)), key=lambda found: found.itemsize)
    if DTYPES[dtype].itemsize >= computed.itemsize:
        return []
    return [
        f"the weights were trained in {computed} and written in {dtype}; output.dtype: {computed} keeps every digit"
    ]


def _form_note(network: Network, family: Family, standard: bool) -> list[str]:
    if not family.body_class:
        return [
            f"transformers has no model of type {family.name}: ftcore evaluate and predict read the folder, and "
            f"{WEIGHTS} holds a state dict with PyTorch's names"
        ]
    return [] if standard or network.head.vectors else [_apart_note(network, family)]


def _apart_note(network: Network, family: Family) -> str:
    head = network.head
    unlike = ["normalized vectors"] if head.normalize else []
    unlike += ["separate pairs"] if head.pair != "single" else []
    how = " and ".join([f"pooling {head.pooling}", *unlike])
    return (
        f"transformers has no classifier with {how}: the folder loads as AutoModel ({family.body_class}), with the "
        f"head's tensors beside it in {HEAD}; ftcore evaluate and predict read both"
    )


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that takes the place of `folder` when all went well."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    former = folder.with_name(f".{folder.name}.{os.getpid()}.former")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if folder.exists():
            os.replace(folder, former)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
