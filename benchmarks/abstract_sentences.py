"""Write the training data of the two runs on SciTLDR, from its training rows.

    python benchmarks/abstract_sentences.py          # runs/scitldr/copying.jsonl and runs/scitldr/summaries.jsonl
    python benchmarks/abstract_sentences.py FOLDER   # the same files elsewhere

1,992 summaries are too few to teach a cross-attention where to look. Their abstracts hold more: sentences of their own.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

DATA = Path(__file__).parents[2] / "shared" / "data" / "scitldr"
RUNS = Path(__file__).parents[1] / "runs" / "scitldr"
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
COPIES = 6400
SCORER = RougeScorer(["rouge1", "rouge2"], use_stemmer=True)


def copying() -> Iterator[str]:
    """Yield COPIES of the abstracts' sentences, drawn from a seed, each with itself as target, as JSON lines."""
    sentences = [one for row in _given() for one in _sentences(row["source"])]
    yield from (_line(one, one) for one in random.Random(0).sample(sentences, COPIES))


def summaries() -> Iterator[str]:
    """Yield each abstract twice as JSON lines: with its summary, and with its sentence that is closest to the summary.

    The closest sentence has the largest sum of ROUGE-1 and ROUGE-2.
    """
    for row in _given():
        yield _line(row["source"], row["target"])
        sentences = _sentences(row["source"])
        if sentences:
            yield _line(row["source"], max(sentences, key=lambda one: _likeness(row["target"], one)))


FILES = {"copying.jsonl": copying, "summaries.jsonl": summaries}
"""The files and the generators of their content."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=RUNS)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_text("".join(content()))


def _given() -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / "train.jsonl").read_text().splitlines()]


def _sentences(text: str) -> list[str]:
    return [one for one in SENTENCE_END.split(text.strip()) if 5 <= len(one.split()) <= 40]


def _likeness(target: str, sentence: str) -> float:
    return sum(score.fmeasure for score in SCORER.score(target, sentence).values())


def _line(source: str, target: str) -> str:
    return json.dumps({"source": source, "target": target}) + "\n"


if __name__ == "__main__":
    main()
