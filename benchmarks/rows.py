"""Measure time and memory of reading and tokenising 1,000 to 1,000,000 rows, then of making training batches.

    python benchmarks/rows.py                     # all sizes: about 5 minutes; writes results/rows.json
    python benchmarks/rows.py 1000 10000          # only these, printed and not written

Each size is read by a new process with an empty cache, and by a second one with the filled cache. With the two sizes of
the goal, PyTorch also trains a few steps, including tokenising, to measure the memory of a run.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generated import BATCH, write_spec

from ftcore.bench.assignment import Assignment
from ftcore.bench.recording import AnonymousMemory, status_bytes
from ftcore.data.batches import global_batch
from ftcore.data.sampler import EpochSampler
from ftcore.files import write_json
from ftcore.machine import machine_facts
from ftcore.observer import Silent
from ftcore.runs.binding import prepare_data
from ftcore.spec.reading import load_spec

RESULTS = Path(__file__).parent / "results" / "rows.json"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
STEPS = 300
"""Number of training batches, spread over an epoch by its shuffle."""
BOUND, LARGE, SMALL = 1.2, 1_000_000, 10_000
"""The goal: ratio of a run's peak anonymous memory at LARGE rows to that at SMALL rows."""
TRAINED = 10
"""Steps of that run."""


def main(sizes: list[int]) -> None:
    rows = [row for size in sizes or SIZES for row in measure(size)]
    for row in rows:
        print(json.dumps(row))
    if sizes:
        return
    trained = {size: train(size) for size in (SMALL, LARGE)}
    result = {"machine": machine_facts(os.cpu_count() or 1), "goal": BOUND, "rows": rows, "trained": trained}
    write_json(RESULTS, result | {"memory_ratio": trained[LARGE] / trained[SMALL]})


def train(size: int) -> int:
    """Return the peak anonymous memory of a process that reads, tokenises and trains a few steps."""
    with tempfile.TemporaryDirectory() as name:
        spec, output = write_spec(Path(name) / "spec.yaml", size, 4, 12, 64), Path(name) / "run.json"
        given = Assignment("ftcore torch", spec, (f"training.max_steps={TRAINED}",), TRAINED, 2, output)
        words = [sys.executable, "-m", "ftcore.bench.contestant", "--backend", "torch", *given.words()]
        subprocess.run(words, env={**os.environ, "FTCORE_CACHE": str(Path(name) / "cache")}, check=True)
        return int(json.loads(output.read_text())["peak_anonymous_memory_bytes"])


def measure(size: int) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as name:
        spec, output = write_spec(Path(name) / "spec.yaml", size, 4, 12, 64), Path(name) / "row.json"
        environment = {**os.environ, "FTCORE_CACHE": str(Path(name) / "cache")}
        found = []
        for cached in (False, True):
            words = [sys.executable, __file__, "--child", str(spec), str(output)]
            subprocess.run(words, env=environment, check=True)
            found.append({"rows": size, "cached": cached, **json.loads(output.read_text())})
    return found


def child(spec_path: Path, output: Path) -> None:
    memory, began = AnonymousMemory(), time.perf_counter()
    spec = load_spec(spec_path)
    train = prepare_data(spec, spec_path.parent, Silent()).train
    read, peak_reading = time.perf_counter(), memory.peak
    sampler = EpochSampler(len(train), BATCH, seed=0)
    examples = 0
    for step in range(1, STEPS + 1):
        batches = global_batch(train, sampler.ids((step - 1) % sampler.steps_per_epoch + 1), "packed")
        examples += sum(batch.examples for batch in batches)
    made = time.perf_counter()
    row = {
        "seconds_to_read": read - began,
        "rows_per_second": len(train) / (read - began),
        "batched_examples_per_second": examples / (made - read),
        "peak_anonymous_memory_reading_bytes": peak_reading,
        "peak_anonymous_memory_bytes": memory.stop(),
        "peak_memory_bytes": status_bytes("VmHWM"),
    }
    write_json(output, row)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main([int(size) for size in sys.argv[1:]])
