"""Speed and memory of training from 32 to 512 tokens a text, all texts of one length; writes results/lengths.json.

python benchmarks/lengths.py                  # all lengths: about 15 minutes on 2 cores
python benchmarks/lengths.py 32 64            # only these, printed and not written
"""

import os
import sys
import tempfile
from pathlib import Path

import yaml
from generated import BATCH, SPECIAL_TOKENS, write_spec

from ftcore.bench.results import Results
from ftcore.bench.running import run_suite
from ftcore.bench.suite_file import load_suite
from ftcore.bench.summary import figures
from ftcore.files import write_json

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "lengths.json"
LENGTHS = (32, 64, 128, 256, 512)
STEPS, WARMUP, ROUNDS = 6, 2, 2
CONTESTANTS = [
    {"name": "ftcore torch", "ftcore": {"backend": "torch"}},
    {"name": "ftcore tf", "ftcore": {"backend": "tf"}},
    {"name": "PyTorch loop, padded", "command": ["python", str(HERE / "peers" / "torch_loop.py"), "--batches=padded"]},
]


def main(lengths: list[int]) -> None:
    found = {length: measure(length) for length in lengths or LENGTHS}
    for length, results in found.items():
        for item in figures(results):
            share = item.limit_share.median if item.limit_share else float("nan")
            print(
                f"{length:4} tokens  {item.contestant:22} {item.tokens_per_second.median:10,.0f} tokens/s  {share:.2f}"
            )
    if not lengths:
        write_json(RESULTS, {str(length): results.to_json() for length, results in found.items()})


def measure(length: int) -> Results:
    words = length - SPECIAL_TOKENS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_spec(folder / "spec.yaml", BATCH * (STEPS + WARMUP), words, words, length)
        suite = {
            "title": f"{length} tokens",
            "spec": "spec.yaml",
            "steps": STEPS,
            "warmup": WARMUP,
            "rounds": ROUNDS,
            "threads": len(os.sched_getaffinity(0)),
            "contestants": CONTESTANTS,
            "ratios": [{"contestant": "ftcore tf", "baseline": "ftcore torch"}],
        }
        path = folder / "lengths.yaml"
        path.write_text(yaml.safe_dump(suite))
        results = run_suite(path, load_suite(path), folder / "out.json", allow_code=True, notify=print)
    tokens = {count for done in results.rounds for item in done.measurements.values() for count in item.real_tokens}
    if tokens != {BATCH * length}:
        raise SystemExit(f"steps of {sorted(tokens)} tokens instead of {BATCH * length}: a word is not one token")
    return results


if __name__ == "__main__":
    main([int(length) for length in sys.argv[1:]])
