"""Time a training step of an encoder, a decoder and an encoder-decoder with 20 million parameters at 128 tokens.

    python benchmarks/kinds                   # about 7 minutes on 2 cores; writes results/kinds.json
    python benchmarks/kinds encoder decoder   # only the kinds that begin so, added to earlier results

Every contestant is a process of its own, one after the other, round by round. Goals: TensorFlow at 0.9 times the
speed of PyTorch or more, and at least KerasHub's (which needs the `peers` extra).
"""

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from work import KINDS, LENGTH, WARMUP

from ftcore.files import write_json

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "kinds.json"
ROUNDS = 3
CONTESTANTS = {
    "torch": ["ours.py", "torch"],
    "tf": ["ours.py", "tf"],
    "KerasHub": ["keras_hub_fit.py"],
}
RATIOS = (("tf", "torch"), ("tf", "KerasHub"))
PACKAGES = ("torch", "transformers", "tensorflow", "keras", "keras-hub")


def main(beginnings: list[str]) -> None:
    wanted = [kind for kind in KINDS if any(kind.startswith(f"{word} ") for word in beginnings or (kind.split()[0],))]
    before = json.loads(RESULTS.read_text())["kinds"] if RESULTS.is_file() else {}
    found = before | {kind: measure(kind) for kind in wanted}
    machine = {"platform": platform.platform(), "cores": len(os.sched_getaffinity(0))}
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    write_json(RESULTS, {"tokens": LENGTH, "machine": machine, "packages": versions, "kinds": found})


def measure(kind: str) -> dict[str, object]:
    rounds = [{name: child(kind, words) for name, words in CONTESTANTS.items()} for _ in range(ROUNDS)]
    parameters = {name: found["parameters"] for name, found in rounds[0].items()}
    medians = [{name: statistics.median(found["seconds"][WARMUP:]) for name, found in one.items()} for one in rounds]
    seconds = {name: [one[name] for one in medians] for name in CONTESTANTS}
    ratios = {f"{one} / {other}": [done[other] / done[one] for done in medians] for one, other in RATIOS}
    for name, values in seconds.items():
        print(f"{kind:38} {name:18} {statistics.median(values):.3f} s  {parameters[name]:,} parameters", flush=True)
    for name, values in ratios.items():
        print(f"{kind:38} {name:18} {statistics.median(values):.2f} times the speed", flush=True)
    return {"parameters": parameters, "seconds": seconds, "times_the_speed": ratios}


def child(kind: str, words: list[str]) -> dict[str, list[float]]:
    script, *rest = words
    command = [sys.executable, str(HERE / script), kind, *rest]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1])


if __name__ == "__main__":
    main(sys.argv[1:])
