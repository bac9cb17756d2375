"""Every way of compiling a step in float32 and in bfloat16, on batches of one shape; writes results/modes.json.

    python benchmarks/modes.py                # about 8 minutes on 2 cores: compiling is most of it

It is what the defaults are chosen by: backend.tf.xla, backend.torch.compile. The first step holds the compilation.
"""

from itertools import product
from pathlib import Path

from generated import measure_length

from ftcore.bench.summary import figures, verdicts
from ftcore.files import write_json

RESULTS = Path(__file__).parent / "results" / "modes.json"
LENGTH, GOAL = 16, 1.4
"""Tokens a text, about Banking77's mean; and how much faster bfloat16 is wanted to be than float32."""
MODES = {
    "torch": ("torch", []),
    "torch compiled": ("torch", ["backend={torch: {compile: true}}"]),
    "tf": ("tf", []),
    "tf XLA": ("tf", ["backend={tf: {xla: true}}"]),
}
PRECISIONS = ("float32", "bfloat16")
SUITE = {
    "steps": 10,
    "warmup": 2,
    "rounds": 1,
    "contestants": [
        {"name": f"{name}, {precision}", "ftcore": {"backend": backend, "set": [f"precision={precision}", *settings]}}
        for (name, (backend, settings)), precision in product(MODES.items(), PRECISIONS)
    ],
    "ratios": [
        *(
            {"contestant": f"{compiled}, {precision}", "baseline": f"{plain}, {precision}"}
            for (compiled, plain), precision in product((("torch compiled", "torch"), ("tf XLA", "tf")), PRECISIONS)
        ),
        *(
            {"contestant": f"{name}, bfloat16", "baseline": f"{name}, float32", "goal": GOAL}
            for name in ("torch", "tf")
        ),
    ],
}


def main() -> None:
    results = measure_length(LENGTH, SUITE)
    write_json(RESULTS, results.to_json())
    for item in figures(results):
        print(f"{item.contestant:26} {item.examples_per_second.median:8.1f} examples/s")
    for verdict in verdicts(results):
        print(f"{verdict.what}: {verdict.found.median:.2f}")


if __name__ == "__main__":
    main()
