"""Measure speed and memory from 32 to 512 tokens per text with 2,048 tokens per step; writes results/lengths.json.

python benchmarks/lengths.py                  # all lengths: about 10 minutes on 2 cores
python benchmarks/lengths.py 32 64            # only these, printed and not written
"""

import sys
from pathlib import Path

from generated import measure_length

from ftcore.bench.summary import figures
from ftcore.files import write_json

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "lengths.json"
LENGTHS = (32, 64, 128, 256, 512)
TOKENS = 2048
"""Tokens per step: 64 texts of 32 tokens, or 4 of 512, so that only the cost of attention differs."""
SUITE = {
    "steps": 6,
    "warmup": 2,
    "rounds": 1,
    "contestants": [
        {"name": "ftcore torch", "ftcore": {"backend": "torch"}},
        {"name": "ftcore tf", "ftcore": {"backend": "tf"}},
        {
            "name": "PyTorch loop, padded",
            "command": ["python", str(HERE / "peers" / "torch_loop.py"), "--batches=padded"],
        },
    ],
    "ratios": [{"contestant": "ftcore tf", "baseline": "ftcore torch"}],
}


def main(lengths: list[int]) -> None:
    found = {length: measure_length(length, SUITE, TOKENS // length) for length in lengths or LENGTHS}
    for length, results in found.items():
        for item in figures(results):
            share = item.limit_share.median if item.limit_share else float("nan")
            print(
                f"{length:4} tokens  {item.contestant:22} {item.tokens_per_second.median:10,.0f} tokens/s  {share:.2f}"
            )
    if not lengths:
        write_json(RESULTS, {str(length): results.to_json() for length, results in found.items()})


if __name__ == "__main__":
    main([int(length) for length in sys.argv[1:]])
