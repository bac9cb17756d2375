"""Record short runs of every task by one version of ftcore, and compare them with those of another.

    python benchmarks/recorded_runs.py record before                    # with the one version: about 10 minutes
    python benchmarks/recorded_runs.py record before2                   # the same again: how far two runs differ
    python benchmarks/recorded_runs.py record after                     # with the other version, on the same machine
    python benchmarks/recorded_runs.py compare before after --repeat before2

The version is that of the checkout with this file, whichever is installed. The runs, in recorded/cases.py and
recorded/finetuned.py, are tiny and use one thread. A recording keeps each run folder, the metrics, predictions and
generated texts of the test rows, and features. `compare` prints the largest differences of each run and exits with 1 if
a run is missing or differs: training losses, gradient norms and weights must be equal to the last bit, other numbers
within 1e-6, texts and labels equal. TensorFlow may compute two runs of one version differently. With `--repeat`, a
second recording of the first version, a run on tf may differ by as much as these two do.

A version that chooses the library of PyTorch's matrix products by the processor is recorded with the choice fixed.
Versions without that choice take oneDNN on x86: what they wrote is compared with
`record after --set backend.torch.products=onednn`. `--set` reaches every run by a spec; `ftcore.finetune` takes none.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent / "recorded"
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from cases import CASES  # noqa: E402 - beside this file's folder
from comparing import compare  # noqa: E402
from finetuned import FINETUNED  # noqa: E402
from reading import VERSION  # noqa: E402

BACKENDS = ("torch", "tf")
NAMES = (*CASES, *FINETUNED)
THREADS = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Record or compare, and return the exit code."""
    given = parser().parse_args(arguments)
    names = [name for name in NAMES if not given.only or name in given.only]
    if unknown := set(given.only) - set(NAMES):
        raise SystemExit(f"error: there is no case {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if given.command == "compare":
        return compare(given.before, given.after, given.repeat, given.backends, names)
    return record(given.folder.resolve(), given.backends, names, given.overrides)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    found = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = found.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="run all cases, and keep the results in a folder")
    recording.add_argument("folder", type=Path)
    recording.add_argument("--set", dest="overrides", metavar="FIELD=VALUE", action="append", default=[])
    comparing = commands.add_parser("compare", help="compare two recordings")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--repeat", type=Path, help="a second recording of the version of `before`")
    for command in (recording, comparing):
        command.add_argument("--backend", dest="backends", nargs="+", choices=BACKENDS, default=BACKENDS)
        command.add_argument("--only", metavar="CASE", nargs="+", default=[])
    return found


def record(folder: Path, backends: Sequence[str], names: Sequence[str], overrides: Sequence[str]) -> int:
    """Run cases on each backend in its own process; return 1 if one failed."""
    write_inputs(folder)
    described = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, check=False)
    (folder / VERSION).write_bytes(described.stdout)
    words = [word for override in overrides for word in ("--set", override)]
    codes = [call("carry_out.py", str(folder), backend, *names, *words) for backend in backends]
    return max(codes)


def write_inputs(folder: Path) -> None:
    """Write rows, checkpoints and modules, unless the folder has them from an earlier recording."""
    inputs, partial = folder / "inputs", folder / "inputs.partial"
    if inputs.is_dir():
        return
    shutil.rmtree(partial, ignore_errors=True)
    for script, part in (("rows.py", "."), ("checkpoints.py", "models")):
        if call(script, str(partial / part)):
            raise SystemExit(f"error: {script} failed")
    shutil.copytree(HERE / "own", partial / "own", ignore=shutil.ignore_patterns("__pycache__"))
    partial.rename(inputs)


def call(script: str, *words: str) -> int:
    """Run a script of recorded/ on one thread, with an empty cache and this checkout's ftcore; return its exit code."""
    paths = [str(ROOT), str(ROOT / "backends"), *filter(None, [os.environ.get("PYTHONPATH")])]
    with tempfile.TemporaryDirectory() as cache:
        fixed = {
            **dict.fromkeys(THREADS, "1"),
            "PYTHONPATH": os.pathsep.join(paths),
            "FTCORE_CACHE": cache,
            "HF_HUB_OFFLINE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        command = [sys.executable, str(HERE / script), *words]
        return subprocess.run(command, env={**os.environ, **fixed}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
