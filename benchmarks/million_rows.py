"""Run predict or evaluate on a million short rows, and print rows per second and peak memory.

    python benchmarks/million_rows.py FOLDER predict --rows 1000000 --backend torch

FOLDER gets a random BERT with two blocks of 16 channels, so that reading, tokenising and writing dominate.
"""

import argparse
import json
import resource
import sys
from pathlib import Path

WORDS = [
    *("red", "green", "blue", "big", "small", "old", "new", "dog", "cat", "bird"),
    *("tree", "house", "river", "stone", "light", "dark", "warm", "cold"),
]
LABELS = ["good", "bad", "odd"]


def main() -> int:
    """Write the model and rows if they are missing, run the command in this process, and print its peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("command", choices=["predict", "evaluate"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--backend", default="torch")
    given = parser.parse_args()
    data = given.folder / f"{given.rows}.jsonl"
    if not data.is_file():
        write_model(given.folder / "model")
        write_rows(data, given.rows)
    command = [given.command, str(given.folder / "model"), "--data", str(data), "--backend", given.backend]
    if given.command == "predict":
        output = data.with_suffix(".out.jsonl")
        output.unlink(missing_ok=True)
        command += ["--keep", "id", "--output", str(output)]
    from ftcore.cli.main import main as ftcore

    code = ftcore(command)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return code


def write_rows(path: Path, count: int) -> None:
    """Write rows of 2 to 9 words."""
    with path.open("w") as stream:
        for number in range(count):
            chosen = [WORDS[(number * 7 + place * (number % 5 + 1)) % len(WORDS)] for place in range(2 + number % 8)]
            row = {"id": number, "text": " ".join(chosen), "label": LABELS[number % len(LABELS)]}
            stream.write(json.dumps(row) + "\n")


def write_model(folder: Path) -> None:
    """Write a random classifier by transformers, and a word tokenizer."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: number for number, label in enumerate(LABELS)}}
    BertForSequenceClassification(BertConfig(vocab_size=len(vocabulary), **sizes, **labels)).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))


if __name__ == "__main__":
    sys.exit(main())
