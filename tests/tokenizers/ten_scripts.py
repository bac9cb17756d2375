"""Texts in ten scripts, drawn from a seed, with what tokenizers treat in special ways."""

import random

WORDS = {
    "Latin": "Straße café naïve The quick brown fox jumps ÉTÉ Zürich don't İstanbul ﬁne re-use",
    "Cyrillic": "Привет мир ёлка Москва красный дом йогурт ПУТЬ",
    "Greek": "Καλημέρα κόσμε ΑΘΗΝΑ θάλασσα ήλιος Ὀδυσσεύς",
    "Arabic": "مرحبا بالعالم كِتَاب مدرسة السلام",
    "Hebrew": "שלום עולם סֵפֶר ירושלים",
    "Devanagari": "नमस्ते दुनिया किताब हिन्दी क़लम",
    "Thai": "สวัสดี ชาวโลก ภาษาไทย น้ำ",
    "Chinese": "你好世界 中文分词 北京 機器學習",
    "Japanese": "こんにちは 世界 カタカナ がぎぐ 東京タワー",
    "Hangul": "안녕하세요 세계 한국어 서울",
}
PIECES = ("  ", " ", ", ", ". ", " - ", "\t", "\n", "\u00a0", "! ", " 42 ", " 3.14", " 🎉", "\u200b", "")
SPECIAL = (
    "[MASK]",
    "[PAD]",
    "[SEP]",
    "<s>",
    "</s>",
    "<mask>",
    "<ent>",
    "<Ent>",
    " <ent> ",
    "x<ent>y",
    "covid",
    "COVID",
)


def texts(count: int, seed: int = 0) -> list[str]:
    """Return texts of one script each, or of several; some hold special and added tokens."""
    draw, scripts = random.Random(seed), list(WORDS)
    return [_text(draw, [WORDS[name].split() for name in _scripts(draw, scripts, number)]) for number in range(count)]


def _scripts(draw: random.Random, scripts: list[str], number: int) -> list[str]:
    return [scripts[number % len(scripts)], *draw.sample(scripts, draw.choice((0, 0, 1)))]


def _text(draw: random.Random, scripts: list[list[str]]) -> str:
    parts = [draw.choice(("", "", " ", "  "))]
    for _ in range(draw.randint(1, 9)):
        word = draw.choice(draw.choice(scripts))
        parts += [draw.choice((word, word, word.upper(), word.lower())), draw.choice(PIECES)]
        if draw.random() < 0.15:
            parts.append(draw.choice(SPECIAL))
    return "".join(parts)


def corpus() -> list[str]:
    """Return what tokenizers are trained on."""
    return [word for words in WORDS.values() for word in words.split()] * 3 + texts(100, seed=1)
