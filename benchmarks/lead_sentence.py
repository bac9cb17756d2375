"""Compute ROUGE of the first sentence of each abstract in SciTLDR, a baseline without training.

python benchmarks/lead_sentence.py
"""

import json

from abstract_sentences import DATA, SENTENCE_END

from ftcore.targets import Rouge


def main() -> None:
    for split in ("validation", "test"):
        rows = [json.loads(line) for line in (DATA / f"{split}.jsonl").read_text().splitlines()]
        leads = [SENTENCE_END.split(row["source"].strip())[0] for row in rows]
        found = Rouge().judge(leads, [row["references"] for row in rows])
        print(split, {name: round(value, 4) for name, value in found.items()})


if __name__ == "__main__":
    main()
