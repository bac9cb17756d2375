"""Small tokenizers of each kind in folders of their own, as transformers and slow tokenizers store them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ten_scripts import corpus
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def word_pieces() -> Tokenizer:
    """Return what BertTokenizer stores: WordPiece, lowered."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=BERT_TOKENS, show_progress=False)
    lowered = [form for text in corpus() for form in (text, text.lower())]
    tokenizer.train_from_iterator(lowered, trainer)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.decoder = decoders.WordPiece()
    ids = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    return tokenizer


def bytes_and_merges(tokens: list[str]) -> Tokenizer:
    """Return byte-level BPE, without special tokens around a text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=tokens,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def roberta() -> Tokenizer:
    """Return what RobertaTokenizer stores."""
    tokenizer = bytes_and_merges(ROBERTA_TOKENS)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    return tokenizer


def pieces(tokens: list[str], unknown: str) -> list[tuple[str, float]]:
    """Return the pieces of a unigram model and their scores."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=500, special_tokens=tokens, unk_token=unknown, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return [(piece, score) for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]]


def xlm_roberta() -> Tokenizer:
    """Return what XLMRobertaTokenizer stores, without a table of characters."""
    vocabulary = [*pieces(ROBERTA_TOKENS[:4], "<unk>"), ("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.add_special_tokens(ROBERTA_TOKENS)
    parts = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def write_sentence_pieces(path: Path, kind: str, tokens: Sequence[str] = (), **options: Any) -> None:
    """Train a SentencePiece model with the library itself; `kind` is unigram or bpe."""
    import sentencepiece

    with path.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(line for text in corpus() for line in text.splitlines()),
            model_writer=stream,
            model_type=kind,
            vocab_size=600,
            hard_vocab_limit=False,
            character_coverage=0.99,
            user_defined_symbols=list(tokens),
            minloglevel=2,
            **options,
        )


def write_merges(folder: Path, tokenizer: Tokenizer) -> None:
    """Write vocab.json and merges.txt of a BPE."""
    tokenizer.model.save(str(folder))


def write_words(folder: Path, tokenizer: Tokenizer) -> None:
    """Write vocab.txt of WordPiece."""
    vocabulary = tokenizer.get_vocab()
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in sorted(vocabulary, key=vocabulary.get)))
