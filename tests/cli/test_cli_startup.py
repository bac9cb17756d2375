"""The command line answers at once, and imports nothing that it does not need for that."""

import resource
import subprocess
import sys

import pytest

FRAMEWORKS = ["torch", "tensorflow", "keras", "jax", "transformers"]
HEAVY = [*FRAMEWORKS, "pandas", "sklearn", "scipy", "pyarrow", "datasets", "numpy", "tokenizers", "plotly"]
SECONDS, BARE_SECONDS = 0.4, 0.01
"""Of `ftcore --help`, on a machine where the interpreter alone takes so long."""
PROBE = f"""
import sys
from ftcore.cli.main import main
code = main(sys.argv[1:])
print("loaded:", [name for name in {HEAVY!r} if name in sys.modules])
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["diff", "--help"], ["spec", "check", "--help"], ["--version"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_the_schema_needs_no_framework() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE, "spec", "schema"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: ['numpy']"


def processor_seconds(*arguments: str) -> float:
    """Return the least processor time of six runs, which is the time on the clock where nothing else runs."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(6))


def test_help_is_there_in_time() -> None:
    slowness = max(1.0, processor_seconds("-c", "pass") / BARE_SECONDS)
    assert processor_seconds("-m", "ftcore", "--help") < SECONDS * slowness
