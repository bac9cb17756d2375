"""Folders whose settings say something else than their tokenizer.json, or that have older files alone."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import small_tokenizers
from tokenizers import Tokenizer

Write = Callable[[Path], None]
ENT = {"content": "<ent>", "lstrip": True, "rstrip": True, "normalized": False, "single_word": False, "special": True}
COVID = {**ENT, "content": "covid", "lstrip": False, "rstrip": False, "normalized": True, "special": False}


@cache
def stored(kind: str) -> str:
    tokenizer: Tokenizer = {
        "words": small_tokenizers.word_pieces,
        "roberta": small_tokenizers.roberta,
        "bytes": lambda: small_tokenizers.bytes_and_merges(["<|endoftext|>"]),
        "pieces": small_tokenizers.xlm_roberta,
    }[kind]()
    return tokenizer.to_str()


def fast(
    folder: Path,
    kind: str,
    config: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    change: Callable[[Tokenizer], None] | None = None,
    **others: Any,
) -> None:
    """Write tokenizer.json of a kind, changed; tokenizer_config.json, config.json, and others by their stem."""
    tokenizer = Tokenizer.from_str(stored(kind))
    if change is not None:
        change(tokenizer)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(folder, {"tokenizer_config": config, "config": model, **others})


def slow(
    folder: Path, write: Write, config: Mapping[str, Any] | None = None, model: str | None = None, **others: Any
) -> None:
    """Write a vocabulary without tokenizer.json."""
    write(folder)
    _write(folder, {"tokenizer_config": config, "config": model and {"model_type": model}, **others})


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    for stem, content in files.items():
        if content is not None:
            small_tokenizers.write_json(folder / f"{stem}.json", content)


def bert(**fields: Any) -> dict[str, Any]:
    return {"tokenizer_class": "BertTokenizer", **fields}


def of(name: str, **fields: Any) -> dict[str, Any]:
    return {"tokenizer_class": name, **fields}


def cased(tokenizer: Tokenizer) -> None:
    from tokenizers import normalizers

    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)


def with_entity(tokenizer: Tokenizer) -> None:
    from tokenizers import AddedToken

    tokenizer.add_special_tokens([AddedToken("<ent>", normalized=False)])


def words(folder: Path) -> None:
    small_tokenizers.write_words(folder, Tokenizer.from_str(stored("words")))


def merges(kind: str) -> Write:
    return lambda folder: small_tokenizers.write_merges(folder, Tokenizer.from_str(stored(kind)))


def sentence_pieces(name: str, kind: str, *tokens: str, **options: Any) -> Write:
    return lambda folder: small_tokenizers.write_sentence_pieces(folder / name, kind, tokens, **options)


BEGIN_AND_END = {"cls_token": "<s>", "sep_token": "</s>"}
CLS = ("[CLS]", "[SEP]", "[MASK]")
CASES: dict[str, Write] = {
    "capitals kept": partial(fast, kind="words", config=bert(do_lower_case=False)),
    "capitals lowered by the class": partial(fast, kind="words", model={"model_type": "bert"}, change=cased),
    "accents kept": partial(fast, kind="words", config=bert(strip_accents=False)),
    "accents stripped": partial(fast, kind="words", config=bert(do_lower_case=False, strip_accents=True)),
    "Chinese not split": partial(fast, kind="words", config=bert(tokenize_chinese_chars=False)),
    "another separator": partial(fast, kind="words", config=bert(sep_token="[MASK]")),
    "another begin": partial(fast, kind="words", config=bert(), special_tokens_map={"cls_token": "[UNK]"}),
    "another unknown": partial(fast, kind="words", config=bert(unk_token="[MASK]")),
    "added tokens that take spaces": partial(
        fast, kind="words", config=bert(added_tokens_decoder={"900": ENT, "901": COVID})
    ),
    "added tokens without the stored one": partial(
        fast, kind="words", config=bert(added_tokens_decoder={"900": COVID}), change=with_entity
    ),
    "older added tokens": partial(fast, kind="words", config=bert(), added_tokens={"<ent>": 900, "covid": 901}),
    "further special tokens": partial(fast, kind="words", config=bert(additional_special_tokens=["<ent>"])),
    "special tokens of a model": partial(fast, kind="words", config=bert(entity_token="<ent>")),
    "mapped special tokens": partial(
        fast, kind="words", config=bert(), special_tokens_map={"pad_token": ENT, "mask_token": "[PAD]"}
    ),
    "cut at the begin": partial(fast, kind="words", config=bert(truncation_side="left")),
    "no token types": partial(fast, kind="words", config=bert(model_input_names=["input_ids", "attention_mask"])),
    "special tokens are text": partial(fast, kind="words", config=bert(split_special_tokens=True)),
    "padded at the begin, short": partial(fast, kind="words", config=bert(padding_side="left", model_max_length=5)),
    "another model's class": partial(fast, kind="words", config=of("MPNetTokenizer"), model={"model_type": "bert"}),
    "a class that lowers nothing": partial(
        fast, kind="words", config=of("PreTrainedTokenizerFast", do_lower_case=False)
    ),
    "tokens added to a plain class": partial(
        fast,
        kind="words",
        config=of("PreTrainedTokenizerFast", pad_token="[PAD]", added_tokens_decoder={"900": {**ENT, "rstrip": False}}),
        change=with_entity,
    ),
    "a role for a new token": partial(fast, kind="bytes", config=of("TokenizersBackend", pad_token="<ent>")),
    "a space before the text": partial(fast, kind="roberta", config=of("RobertaTokenizer", add_prefix_space=True)),
    "roles of RoBERTa": partial(fast, kind="roberta", config=of("RobertaTokenizerFast", cls_token="<mask>")),
    "GPT-2 with a space": partial(fast, kind="bytes", config=of("GPT2Tokenizer", add_prefix_space=True)),
    "GPT-2 with a begin": partial(fast, kind="bytes", config=of("GPT2Tokenizer", add_bos_token=True)),
    "GPT-2's class for Qwen2": partial(fast, kind="bytes", config=of("GPT2Tokenizer"), model={"model_type": "qwen2"}),
    "Qwen2's own class": partial(fast, kind="bytes", model={"model_type": "qwen2"}),
    "Llama's class with bytes": partial(fast, kind="bytes", config=of("LlamaTokenizer"), model={"model_type": "llama"}),
    "no space before pieces": partial(fast, kind="pieces", config=of("XLMRobertaTokenizer", add_prefix_space=False)),
    "pieces for T5": partial(fast, kind="pieces", config=of("T5Tokenizer", extra_ids=3)),
    "pieces for CamemBERT": partial(fast, kind="pieces", config=of("CamembertTokenizer")),
    "pieces for ALBERT, cased": partial(
        fast, kind="pieces", config=of("AlbertTokenizer", do_lower_case=False, keep_accents=True, **BEGIN_AND_END)
    ),
    "pieces for DeBERTa, lowered": partial(
        fast, kind="pieces", config=of("DebertaV2Tokenizer", do_lower_case=True, split_by_punct=True)
    ),
    "vocab.txt, cased": partial(slow, write=words, config=bert(do_lower_case=False), model="bert"),
    "vocab.txt alone": partial(slow, write=words, model="electra"),
    "vocab.txt with added tokens": partial(slow, write=words, config=bert(), added_tokens={"<ent>": 900}),
    "merges of RoBERTa": partial(slow, write=merges("roberta"), config=of("RobertaTokenizer", add_prefix_space=True)),
    "merges of GPT-2 with a begin": partial(
        slow, write=merges("bytes"), config=of("GPT2Tokenizer", add_bos_token=True)
    ),
    "pieces of T5": partial(slow, write=sentence_pieces("spiece.model", "unigram"), config=of("T5Tokenizer")),
    "pieces of ALBERT, cased": partial(
        slow,
        write=sentence_pieces("spiece.model", "unigram", *CLS),
        config=of("AlbertTokenizer", do_lower_case=False, keep_accents=True),
    ),
    "pieces of DeBERTa": partial(
        slow, write=sentence_pieces("spm.model", "unigram", *CLS), config=of("DebertaV2Tokenizer", do_lower_case=True)
    ),
    "pieces of XLM-R": partial(
        slow, write=sentence_pieces("sentencepiece.bpe.model", "unigram"), config=of("XLMRobertaTokenizer")
    ),
    "pieces of Llama, begin and end": partial(
        slow,
        write=sentence_pieces("tokenizer.model", "bpe", byte_fallback=True),
        config=of("LlamaTokenizer", add_bos_token=True, add_eos_token=True),
        model="llama",
    ),
    "pieces of Llama, no begin": partial(
        slow,
        write=sentence_pieces("tokenizer.model", "bpe", byte_fallback=True),
        config=of("LlamaTokenizer", add_bos_token=False, legacy=False),
        model="llama",
    ),
}
"""Writers of folders that AutoTokenizer reads, by what is special about them."""
REFUSED: dict[str, Write] = {
    "ByT5Tokenizer": partial(fast, kind="bytes", config=of("ByT5Tokenizer")),
    "auto_map": partial(
        fast, kind="bytes", config={"tokenizer_class": "Own", "auto_map": {"AutoTokenizer": ["own.Own", "own.Own"]}}
    ),
    "truncation_side": partial(fast, kind="words", config=bert(truncation_side="middle")),
}
"""Writers of folders that cannot be followed, by what the error names."""
