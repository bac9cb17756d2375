"""Measure the time of each operation in a training step; writes results/profile.json.

    python benchmarks/step_profile.py         # both backends, a minute each

The batches are those of the speed suite (Banking77, packed). The share of an operation is its own time, without the
operations that it calls, over that of all operations. On TensorFlow, two may run at once on different threads.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ftcore.bench.assignment import Assignment
from ftcore.contract import Step
from ftcore.contract import discovery as backends
from ftcore.data.batches import global_batch
from ftcore.data.sampler import EpochSampler
from ftcore.files import write_json
from ftcore.machine import machine_facts
from ftcore.observer import Silent
from ftcore.runs import job_of

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "profile.json"
WARMUP, STEPS, SHOWN = 10, 20, 14
PRODUCTS = {"aten::addmm", "aten::mm", "aten::bmm", "MatMul", "BatchMatMulV2", "_FusedMatMul"}
"""The operations that the limit counts."""
OVERRIDES = ("model.pooling=pooler", "data.test=null", f"training.max_steps={WARMUP + STEPS}")


def main() -> None:
    threads, found = len(os.sched_getaffinity(0)), {}
    with tempfile.TemporaryDirectory() as name:
        for backend in PROFILERS:
            output = Path(name) / f"{backend}.json"
            subprocess.run([sys.executable, __file__, backend, str(output), str(threads)], check=True)
            found[backend] = json.loads(output.read_text())
            print(f"{backend}: matrix products {found[backend]['products']:.2f}")
            for operation, share in found[backend]["operations"]:
                print(f"  {share:.3f} {operation}")
    write_json(RESULTS, {"machine": machine_facts(threads), "backends": found})


def child(backend: str, output: Path, threads: int) -> None:
    seconds = PROFILERS[backend](steps(backend, threads))
    total = sum(seconds.values())
    shares = [(name, value / total) for name, value in seconds.most_common(SHOWN)]
    products = sum(value for name, value in seconds.items() if name in PRODUCTS) / total
    write_json(output, {"products": products, "operations": shares})


def steps(backend: str, threads: int) -> Iterator[float]:
    """Train step after step, and yield each loss."""
    spec = HERE / "specs" / "banking77.yaml"
    settings = (*OVERRIDES, f"threads={threads}")
    bound = Assignment(backend, spec, settings, WARMUP + STEPS, threads, Path()).bind()
    job = job_of(bound, backends.load(backend), Silent())
    learner, train = job.learner, job.splits["train"]
    sampler = EpochSampler(len(train), bound.plan.batch_size, bound.plan.seed)
    for index in range(1, WARMUP + STEPS + 1):
        batches = global_batch(train, sampler.ids(index), "packed")
        weight = float(sum(batch.examples for batch in batches))
        yield float(learner.train_step(Step(index, batches, weight, bound.plan.learning_rates.at(index))).loss)


def by_torch(losses: Iterator[float]) -> collections.Counter[str]:
    import torch

    skip(losses)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        list(losses)
    return collections.Counter({item.key: item.self_cpu_time_total for item in profiler.key_averages()})


def by_tensorflow(losses: Iterator[float]) -> collections.Counter[str]:
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    skip(losses)
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder, tf.profiler.experimental.ProfilerOptions(python_tracer_level=0))
        list(losses)
        tf.profiler.experimental.stop()
        space = xplane_pb2.XSpace()
        space.ParseFromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
    found: collections.Counter[str] = collections.Counter()
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                # "path/in/the/graph:Kind" is an operation; "Class::Method" is a part of the runtime around it.
                path, _, kind = plane.event_metadata[event.metadata_id].name.rpartition(":")
                if path and not path.endswith(":") and kind.isidentifier():
                    found[kind] += event.duration_ps
    return found


def skip(losses: Iterator[float]) -> None:
    for _ in range(WARMUP):
        next(losses)


PROFILERS: dict[str, Callable[[Iterator[float]], collections.Counter[str]]] = {"torch": by_torch, "tf": by_tensorflow}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
