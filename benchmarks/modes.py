"""Measure every way of compiling a step in float32 and bfloat16 on batches of one shape; writes results/modes.json.

    python benchmarks/modes.py                # about 8 minutes on 2 cores: compiling is most of it

The defaults of backend.tf.xla and backend.torch.compile are based on it. The first step includes the compilation.
"""

from itertools import product
from pathlib import Path

from generated import measure_length

from ftcore.bench.summary import figures, verdicts
from ftcore.files import write_json

RESULTS = Path(__file__).parent / "results" / "modes.json"
LENGTH, GOAL = 16, 1.4
"""Tokens per text, about the mean of Banking77; and the goal for the speed of bfloat16 over float32."""
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
