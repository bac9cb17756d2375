"""The padding token of a result is a special token that no text ends with where the last token is read."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer as Fast
from tokenizers import models, pre_tokenizers, processors

from ftcore.text import Padding, Tokenizer, padding_of

WORDS = {"the": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "<pad>": 4, "a": 5, "dog": 6}


def tokenizer(
    folder: Path, named: dict[str, str], special: list[str], single: str, stored: dict[str, Any]
) -> Tokenizer:
    """Return a tokenizer with these roles of tokens, special tokens and tokens around a text."""
    fast = Fast(models.WordLevel(WORDS, unk_token="<unk>"))
    fast.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast.add_special_tokens(special)
    around = [(token, WORDS[token]) for token in ("<s>", "</s>")]
    pair = f"{single} $B" + single.partition("$A")[2]
    fast.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=around)
    (folder / "tokenizer.json").write_text(json.dumps({**json.loads(fast.to_str()), **stored}))
    described = {"tokenizer_class": "PreTrainedTokenizerFast", **named}
    (folder / "tokenizer_config.json").write_text(json.dumps(described))
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", "vocab_size": len(WORDS)}))
    return Tokenizer.load(folder, 16)


SECTION = {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_type_id": 0}


@pytest.mark.parametrize(
    ("named", "special", "single", "stored", "configured", "last", "token"),
    [
        ({"pad_token": "<pad>", "eos_token": "</s>"}, [], "$A", {}, None, True, "<pad>"),
        ({"eos_token": "</s>"}, ["<pad>", "</s>"], "$A", {}, 4, True, "<pad>"),
        ({"eos_token": "</s>"}, ["</s>"], "$A", {}, 4, True, "</s>"),
        ({}, [], "$A", {"padding": {**SECTION, "pad_id": 4, "pad_token": "<pad>"}}, None, True, "<pad>"),
        ({"pad_token": "</s>", "unk_token": "<unk>"}, [], "$A </s>", {}, 2, True, "<unk>"),
        ({"pad_token": "</s>", "unk_token": "<unk>"}, [], "$A </s>", {}, 2, False, "</s>"),
        ({"eos_token": "</s>"}, [], "<s> $A </s>", {}, None, True, "<s>"),
        ({}, ["<unk>"], "$A", {}, 0, False, "<unk>"),
        ({}, [], "$A", {}, 0, False, None),
        ({"eos_token": "</s>"}, [], "$A </s>", {}, 0, True, None),
    ],
)
def test_the_padding_token(
    named: dict[str, str],
    special: list[str],
    single: str,
    stored: dict[str, Any],
    configured: int | None,
    last: bool,
    token: str | None,
    tmp_path: Path,
) -> None:
    wanted = None if token is None else Padding(token, WORDS[token])
    assert padding_of(tokenizer(tmp_path, named, special, single, stored), configured, last) == wanted
