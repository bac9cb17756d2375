"""Tiny fine-tuned models of every family and head, trained for one step, whose tokenizers have people's habits."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import transformers

from ftcore import predict, run
from ftcore.conformance.families import FAMILY_CASES
from ftcore.contract.network import Transformer
from ftcore.models import FAMILIES
from tests import tiny

POSITIONS, VOCABULARY = 64, 40
SIZES = {"vocab_size": VOCABULARY, "max_position_embeddings": POSITIONS, "n_positions": POSITIONS}
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "<mask>")
LETTERS = ["\u0120", *"abcdefghijklmnopqrstuvwxyz"]
"""The tokens of a byte-level tokenizer without merges that occur in the texts; the first stands for a space."""
NOISE = 0.4
"""Deviation of the values of a random model beyond those of its initialization, so that results depend on the text."""
BOUND = 1e-5
"""Largest difference of two scores."""
BATCHES = (1, 7)
LABELS = ["down", "same", "up"]
TRAINED = [tiny.text(number) for number in range(8)]
TEXTS = [tiny.text(number) for number in range(300, 309)]
"""Texts of 2 to 9 words, not a multiple of a batch of 7."""
HABITS: dict[str, dict[str, Any]] = {
    "pads": {},
    "pads left": {"padding_side": "left"},
    "names no padding": {"pads": False},
    "ends texts": {"pads": False, "after": True},
    "pads with the end": {"pads": "</s>", "after": True},
}
"""What people's tokenizers do, by a name of the habit: see `write_tokenizer`."""
OF_DECODERS = ("ends texts", "pads with the end")
"""The habits of decoders' tokenizers alone: those of encoders always end texts, and have a padding token for it."""
IDS = {"<pad>": "pad_token_id", "<s>": "bos_token_id", "</s>": "eos_token_id"}
"""The fields of a config with the ids of special tokens."""


def config(name: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of a family's config, with the sizes that the tokenizer and the texts need."""
    own = dict(FAMILY_CASES[name].config)
    for part in ("encoder", "decoder"):
        if part in own:
            own[part] = {**own[part], "vocab_size": VOCABULARY, "max_position_embeddings": POSITIONS}
    return own | {field: size for field, size in SIZES.items() if field in own} | fields


TEXT_FAMILIES = [name for name, family in FAMILIES.items() if family.body_class and "vocab_size" in config(name)]
"""The families that read texts, and that transformers has."""


SOME = ("bert", "roberta", "gpt2", "llama", "qwen2", "t5")
"""The families of the fast tests: with and without token types, decoders with and without learned positions, and one
whose tokenizer transformers makes its own way."""


def continues(name: str) -> bool:
    """Return whether a family is a decoder, whose tokenizer puts nothing behind a text."""
    body = FAMILIES[name].architecture(config(name), None).body if name in FAMILIES else None
    return isinstance(body, Transformer) and body.attention.causal


def each(names: Iterable[str], habits: Sequence[str] = ()) -> list[Any]:
    """Return the families, with the habits that each can have, as parameters of a test; most families are slow."""
    return [
        pytest.param(name, *habit, marks=() if name in SOME else (pytest.mark.slow,))
        for name in names
        for habit in ([[one] for one in habits if continues(name) or one not in OF_DECODERS] if habits else [[]])
    ]


def write_checkpoint(folder: Path, name: str, class_name: str, fields: Mapping[str, Any]) -> None:
    """Write a random model of a family."""
    import torch

    torch.manual_seed(0)
    described = transformers.AutoConfig.for_model(name, **config(name, **fields))
    model = getattr(transformers, class_name)(described)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * NOISE)
    model.save_pretrained(folder)


def write_tokenizer(
    folder: Path,
    words: Any,
    pads: bool | str = True,
    before: bool = False,
    after: bool = False,
    types: bool = False,
    **said: Any,
) -> None:
    """Write a tokenizer.

    Args:
        folder: of the model.
        words: the tokenizer without special tokens around a text, of the library tokenizers.
        pads: whether it names `<pad>`, or the padding token that it names.
        before, after: whether `<s>` is put before a text, and `</s>` behind it.
        types: whether the second of two texts has the token type 1.
        said: further fields of tokenizer_config.json.
    """
    from tokenizers import processors

    words.add_special_tokens(list(SPECIAL))
    single = ["<s>"] * before + ["$A"] + ["</s>"] * after
    second = ["$B", *["</s>"] * after]
    pair = [*single, *(f"{piece}:1" if types else piece for piece in second)]
    around = [(token, words.token_to_id(token)) for token in ("<s>", "</s>")]
    words.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=around)
    words.save(str(folder / "tokenizer.json"))
    named = {"unk_token": "<unk>", "eos_token": "</s>", "bos_token": "<s>", "mask_token": "<mask>"}
    padding = {"pad_token": pads if isinstance(pads, str) else "<pad>"} if pads else {}
    content = {"tokenizer_class": "PreTrainedTokenizerFast", **named, **padding, **said}
    (folder / "tokenizer_config.json").write_text(json.dumps(content))


def words(name: str, ids: Mapping[str, int]) -> Any:
    """Return a tokenizer of words; of letters for a family whose tokens transformers always makes its own way.

    Args:
        name: of the family.
        ids: the ids of some special tokens; the others get those that are left.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers.models.auto import tokenization_auto

    if name in tokenization_auto.MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS:
        own = tokenization_auto.tokenizer_class_from_name(tokenization_auto.TOKENIZER_MAPPING_NAMES[name])
        if own is not transformers.PreTrainedTokenizerFast:
            return own(vocab=vocabulary(ids, LETTERS), merges=[], unk_token="<unk>").backend_tokenizer
    tokenizer = Tokenizer(models.WordLevel(vocabulary(ids, tiny.WORDS), unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


def vocabulary(ids: Mapping[str, int], words: Sequence[str]) -> dict[str, int]:
    """Return the ids of all tokens, given those of some special tokens."""
    free = (identity for identity in range(VOCABULARY) if identity not in ids.values())
    return {token: ids[token] if token in ids else next(free) for token in (*SPECIAL, *words)}


def write_model(folder: Path, name: str, class_name: str, habit: str, **fields: Any) -> Path:
    """Write a random model of a family, with a tokenizer of a habit, into a folder."""
    folder.mkdir(parents=True)
    said = dict(HABITS[habit])
    if continues(name) and not said.get("pads", True):
        fields = {"pad_token_id": None, **fields}
    if said.get("pads") == "</s>":
        fields = {"pad_token_id": config(name)["eos_token_id"], **fields}
    write_checkpoint(folder, name, class_name, fields)
    given = transformers.AutoConfig.for_model(name, **config(name)).to_dict()
    ids = {token: given[field] for token, field in IDS.items() if isinstance(given.get(field), int)}
    ids = {token: identity for token, identity in ids.items() if identity < VOCABULARY}
    if len(set(ids.values())) < len(ids):
        ids = {"<pad>": ids["<pad>"]}
    layout = {} if continues(name) else {"before": True, "after": True}
    write_tokenizer(folder, words(name, ids), **{**layout, "types": given.get("type_vocab_size", 0) > 1, **said})
    return folder


def fine_tuned(folder: Path, task: str, rows: Sequence[Mapping[str, Any]], **changes: Any) -> Path:
    """Fine-tune the model in a folder for one step of a task, and return the folder of the result."""
    train = folder / "train.jsonl"
    train.write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec: dict[str, Any] = {
        "task": task,
        "model": {"pretrained": "model"},
        "data": {"train": train.name, "max_length": POSITIONS - 4},
        "training": {"max_steps": 1, "batch_size": 8},
    }
    return result_of(folder, spec, changes)


def result_of(folder: Path, spec: dict[str, Any], changes: Mapping[str, Any] | None = None) -> Path:
    """Run a spec, and return the folder of the result."""
    run(tiny.write_spec(folder, spec, changes or {}), "torch", folder / "run")
    return folder / "run" / "model"


def predicted(result: Path, rows: Sequence[Mapping[str, Any]], backend: str = "torch") -> list[dict[str, Any]]:
    """Return the predictions of rows by ftcore."""
    path = result.parent / "new.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = predict(result, path, backend)
    assert isinstance(found, list)
    return found
