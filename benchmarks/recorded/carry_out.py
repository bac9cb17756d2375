"""Run recorded cases on one backend: `python carry_out.py FOLDER BACKEND CASE... [--set FIELD=VALUE ...]`.

`recorded_runs.py record` runs it. It uses only ftcore's public functions.
"""

import argparse
import json
import shutil
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from cases import CASES, Case
from finetuned import FINETUNED, finetune
from reading import ERROR, hashes

import ftcore


def main(arguments: Sequence[str]) -> int:
    """Run cases one after the other; return 1 if one failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("backend")
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    given = parser.parse_args(arguments)
    print(f"{given.backend:6} {Path(ftcore.__file__).parent}", flush=True)
    well = [record(name, given.folder, given.backend, given.overrides) for name in given.cases]
    return int(not all(well))


def record(name: str, folder: Path, backend: str, overrides: Sequence[str]) -> bool:
    """Run a case in its own new folder; return whether it succeeded."""
    place, began = folder / backend / name, time.perf_counter()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        if name in FINETUNED:
            finetune(name, folder / "inputs", place, backend)
        else:
            carry_out(CASES[name], folder / "inputs", place, backend, overrides)
    except Exception:  # one case that fails must not end the recording of the others
        (place / ERROR).write_text(traceback.format_exc())
        print(f"{backend:6} {name:26} FAILED: {sys.exc_info()[1]}", flush=True)
        return False
    shutil.rmtree(place / "run" / "checkpoints", ignore_errors=True)
    write_json(place / "weights.json", hashes(place))
    print(f"{backend:6} {name:26} {time.perf_counter() - began:5.1f} s", flush=True)
    return True


def carry_out(case: Case, inputs: Path, place: Path, backend: str, overrides: Sequence[str]) -> None:
    """Write the spec of a case, train, and store the results on the test rows."""
    values = case.spec_values()
    spec = place / "task.yaml"
    spec.write_text(yaml.safe_dump(values, sort_keys=False).replace("BACKEND", backend))
    run = ftcore.run(spec, backend, place / "run", list(overrides), allow_code=True)
    test = inputs / case.rows / Path(values["data"]["test"]).name
    if case.evaluates:
        write_json(place / "evaluation.json", ftcore.evaluate(run.folder, test, backend))
    if case.predicts:
        write_json(place / "predictions.json", ftcore.predict(run.folder, test, backend))
    for name, arguments in case.features.items():
        found = ftcore.features(run.folder, test, backend, **arguments)
        np.savez(place / f"features-{name}.npz", *([found] if isinstance(found, np.ndarray) else found))


def write_json(path: Path, content: Any) -> None:
    """Write numbers at full precision."""
    path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
