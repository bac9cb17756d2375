"""Stands in for `python -m MODULE ...`: notes its arguments and writes the run that a plan asks for.

The plan is plan.json beside this program's copy: for each backend its exit code, how far its losses are off, and the
step from the reference's state that fails.
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np

from ftcore.spec.reading import load_spec
from ftcore.spec.writing import spec_sha256

HERE = Path(sys.argv[0]).resolve().parent
sys.path.insert(0, json.loads((HERE / "plan.json").read_text())["helpers"])

import run_folders  # noqa: E402 - found where the plan says


def run(spec: Path, given: dict[str, list[str]]) -> int:
    plan = json.loads((HERE / "plan.json").read_text())
    backend, folder = given["--backend"][0], Path(given["--output"][0])
    entry = plan.get(folder.name, {})
    print(f"running on {backend}", flush=True)
    if (folder / "result.json").is_file():
        return 0
    if entry.get("exit"):
        print(f"error: {backend} cannot do this", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "environment.json").write_text("{}")
        return int(entry["exit"])
    for left in folder.glob("*"):
        left.unlink()
    sha256 = spec_sha256(load_spec(spec, given.get("--set", [])))
    curve = run_folders.losses(40) * (1 + np.asarray(entry.get("off", 0.0)))
    run_folders.write_run(folder, backend, curve, environment={"spec_sha256": sha256})
    if "--take-steps" in given:
        states = Path(given["--take-steps"][0])
        states.mkdir(exist_ok=True)
        (states / f"{backend}.json").write_text(json.dumps(run_folders.lockstep(entry.get("fails")).to_json()))
    return 0


def main() -> int:
    with (HERE / "calls.jsonl").open("a") as stream:
        stream.write(json.dumps(sys.argv[1:]) + "\n")
    _, _, module, *rest = sys.argv[1:]
    if module == "ftcore.comparison.frozen":
        found = {"metrics": {"test": {"accuracy": 0.8}}, "strength": 10.0, "seconds": 1.5}
        Path(rest[2]).write_text(json.dumps(found))
        return 0
    _, spec, *words = rest
    given: dict[str, list[str]] = {}
    for name, value in itertools.pairwise(words):
        if name.startswith("--"):
            given.setdefault(name, []).append(value)
    return run(Path(spec), given)


if __name__ == "__main__":
    sys.exit(main())
