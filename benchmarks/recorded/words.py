"""The words of the recorded runs, and their WordPiece tokenizer."""

import json
from pathlib import Path

NAMES = ["dog", "cat", "bird", "tree", "house", "river", "stone"]
VERBS = ["run", "eat"]
WORDS = ["red", "green", "blue", "big", "small", "old", "new", *NAMES, *VERBS, "light", "dark", "warm", "cold", "the"]
SPECIAL = {"pad": "[PAD]", "unk": "[UNK]", "bos": "[CLS]", "eos": "[SEP]", "mask": "[MASK]"}
VOCABULARY = [*SPECIAL.values(), *WORDS, "##s", "##ing", "."]
PAD, BOS, EOS = 0, 2, 3
TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'user' %}[CLS] {{ message.content }}"
    "{% else %} house {{ message.content }} [SEP] {% endif %}{% endfor %}"
    "{% if add_generation_prompt %} house {% endif %}"
)
"""The word `house` marks the start of an answer."""


def write_tokenizer(folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json into a folder."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece({word: place for place, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL.values()))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", BOS), ("[SEP]", EOS)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {f"{name}_token": token for name, token in SPECIAL.items()}
    config = {"tokenizer_class": "PreTrainedTokenizerFast", **named, "chat_template": TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
