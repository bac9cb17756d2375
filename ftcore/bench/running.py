"""Runs the rounds of a suite: every contestant in a new process, in alternating order."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ftcore.bench.assignment import Assignment
from ftcore.bench.recording import Measurement
from ftcore.bench.results import Results, Round
from ftcore.bench.suite import Command, Contestant, Suite
from ftcore.contract import discovery as backends
from ftcore.errors import RunError, SpecError
from ftcore.files import read_json, write_json
from ftcore.helpers import merged, module_command
from ftcore.machine import machine_facts
from ftcore.machine.matmul import NUMPY, PROGRAM, arguments, installed_backends

INTERPRETER = "python"
"""As the first word of a command, this means the interpreter that runs ftcore."""
THREADS = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)
KEPT_LINES = 15
"""Lines of a failed contestant's output that are shown."""


def run_suite(path: Path, suite: Suite, output: Path, allow_code: bool, notify: Callable[[str], None]) -> Results:
    """Run a suite; the results file is rewritten after every round.

    Args:
        path: the file of the suite.
        suite: its content, or a selection of it.
        output: the results file.
        allow_code: whether the suite's commands may run.
        notify: receives a line about each stage.

    Raises:
        FtcoreError: the suite, its spec, data or model is wrong, or a contestant failed.
    """
    _check_commands(path, suite, allow_code)
    base, first = path.resolve().parent, _assignments(path, suite, Path())
    notify("reading data and model")
    shapes = _check_assignments(suite, first)
    results = Results(path.stem, suite, machine_facts(suite.threads))
    output.parent.mkdir(parents=True, exist_ok=True)
    for number in range(suite.rounds):
        notify(f"round {number + 1} of {suite.rounds}")
        results.rounds.append(_run_round(suite, base, first, shapes, number, notify))
        write_json(output, results.to_json())
    return results


def in_order(contestants: Sequence[Contestant], number: int) -> list[Contestant]:
    """Return the contestants in the order of a round: reversed in every second round, so that drift cancels."""
    return list(contestants if number % 2 == 0 else reversed(contestants))


def _check_commands(path: Path, suite: Suite, allow_code: bool) -> None:
    commands = [item.name for item in suite.contestants if item.command is not None]
    commands += [item.name for item in suite.matmul]
    if commands and not allow_code:
        raise SpecError(
            f"{path}: {', '.join(commands)} would run programs of the suite's own: read them, then give --allow-code"
        )


def _assignments(path: Path, suite: Suite, folder: Path) -> dict[str, Assignment]:
    """Return the assignment of each contestant."""
    steps = suite.warmup + suite.steps
    spec = (path.resolve().parent / suite.spec).resolve()
    common = [
        *suite.overrides,
        f"threads={suite.threads}",
        f"training.max_steps={steps}",
        # Only steps are measured: nothing is evaluated and no checkpoint is written between them.
        f"training.evaluate_every={steps}",
        "training.checkpoint_every=null",
        "training.early_stopping=null",
        "data.validation=null",
        "data.test=null",
    ]
    return {
        item.name: Assignment(
            item.name,
            spec,
            (*common, *(item.ftcore.overrides if item.ftcore else ())),
            steps,
            suite.threads,
            folder,
        )
        for item in suite.contestants
    }


def _check_assignments(suite: Suite, assignments: dict[str, Assignment]) -> list[tuple[int, int, int]]:
    """Check all assignments before the first contestant starts, and fill the cache; return the model's products."""
    for contestant in suite.contestants:
        if contestant.ftcore is not None:
            backends.check_installed(contestant.ftcore.backend)
    # One at a time, because each holds a model's weights.
    for assignment in {item.overrides: item for item in assignments.values()}.values():
        bound = assignment.bind()
    return bound.matmul_shapes


def _run_round(
    suite: Suite,
    base: Path,
    assignments: dict[str, Assignment],
    shapes: Sequence[tuple[int, int, int]],
    number: int,
    notify: Callable[[str], None],
) -> Round:
    order = in_order(suite.contestants, number)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notify("  matrix products")
        matmul = _matmul(suite, base, shapes, folder / "matmul.json")
        measurements: dict[str, Measurement] = {}
        for contestant in order:
            notify(f"  {contestant.name}")
            assignment = replace(assignments[contestant.name], output=folder / f"{len(measurements)}.json")
            measurements[contestant.name] = _measure(contestant, assignment, suite, base)
    return Round(tuple(contestant.name for contestant in order), matmul, measurements)


def _matmul(
    suite: Suite, base: Path, shapes: Sequence[tuple[int, int, int]], output: Path
) -> dict[str, dict[str, float]]:
    """Return the rates of NumPy and of the suite's programs, or, without programs, of the installed backends."""
    commands: dict[str, Sequence[str]] = {NUMPY: PROGRAM}
    commands |= {product.name: _words(product.command) for product in suite.matmul}
    wanted, found = arguments(shapes, suite.threads, output), {}
    for name, words in commands.items():
        _call(name, [*words, *wanted], suite, base)
        found[name] = read_json(output)
    for name in [] if suite.matmul else installed_backends():
        _call(f"matrix products of {name}", [*PROGRAM, "--backend", name, *wanted], suite, base)
        found |= read_json(output)
    return found


def _measure(contestant: Contestant, assignment: Assignment, suite: Suite, base: Path) -> Measurement:
    if contestant.ftcore is not None:
        words = module_command("ftcore.bench.contestant", "--backend", contestant.ftcore.backend)
    else:
        words = _words(contestant.command or [])
    _call(contestant.name, [*words, *assignment.words()], suite, base)
    found = Measurement.read(assignment.output)
    if len(found.step_seconds) != assignment.steps:
        raise RunError(f"{contestant.name}: {len(found.step_seconds)} steps measured instead of {assignment.steps}")
    found.contestant = contestant.name
    return found


def _words(command: Command) -> list[str]:
    return [sys.executable, *command[1:]] if command[0] == INTERPRETER else list(command)


def _call(name: str, words: Sequence[str], suite: Suite, base: Path) -> None:
    """Run a program to its end; its output is shown only if it fails."""
    environment = {**dict.fromkeys(THREADS, str(suite.threads)), "TOKENIZERS_PARALLELISM": "false"}
    try:
        done = merged(words, base, environment, suite.timeout)
    except TimeoutError as error:
        raise RunError(f"{name}: {error}: raise the suite's timeout") from None
    except OSError as error:
        raise RunError(f"{name}: {words[0]} does not start: {error.strerror}") from error
    if done.returncode != 0:
        lines = [line for line in done.output.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        print("\n".join(lines[-KEPT_LINES:-1]), file=sys.stderr)
        raise RunError(f"{name} failed (exit code {done.returncode}): {lines[-1].removeprefix('error: ')}")
