"""Compare two recordings case by case, and print the largest differences."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from differences import QUANTITIES, inputs_differ
from reading import ERROR, version

WITHIN = 1e-6
"""Largest difference of quantities that need not be equal to the last bit."""
VARIES = ("tf",)
"""Backends on which two runs of one version may differ."""
Found = Mapping[str, float]


def compare(before: Path, after: Path, repeat: Path | None, backends: Sequence[str], names: Sequence[str]) -> int:
    """Print a line for each case; return 1 if one is missing or differs.

    Args:
        before: folder of a recording.
        after: folder of the other recording.
        repeat: a second recording of the version of `before`.
        backends: the backends to compare.
        names: names of the cases.
    """
    if inputs_differ(before, after):
        print(f"the rows, checkpoints or modules in {before / 'inputs'} and {after / 'inputs'} are not the same ones")
        return 1
    for folder in filter(None, (before, after, repeat)):
        print(f"{folder}: made with {version(folder)}")
    print(f"{'backend':8} {'case':26}" + "".join(f"{name:>15}" for name in QUANTITIES))
    faults = 0
    for backend in backends:
        for name in names:
            places = [folder / backend / name for folder in (before, after)]
            reason = next((why for place in places if (why := absent(place))), None)
            found = {} if reason else differences(*places)
            allowed = bounds(places[0], repeat / backend / name if repeat and backend in VARIES else None)
            wrong = reason or ", ".join(part for part, size in found.items() if not size <= allowed[part])
            faults += bool(wrong)
            print(f"{backend:8} {name:26}" + line(found) + (f"   DIFFERS: {wrong}" if wrong else ""))
    total = len(backends) * len(names)
    print(f"{total} runs, {faults} of which differ" if faults else f"{total} runs, all the same within the bounds")
    return int(faults > 0)


def absent(place: Path) -> str | None:
    """Return what is wrong with a recorded run; None if it is finished."""
    if (place / ERROR).is_file():
        return f"failed, see {place / ERROR}"
    return None if (place / "run" / "result.json").is_file() else f"there is no finished run in {place}"


def differences(one: Path, other: Path) -> Found:
    """Return the largest difference of each quantity; infinite if it is not a number."""
    return {name: measure(one, other) for name, (measure, _) in QUANTITIES.items()}


def bounds(before: Path, repeated: Path | None) -> Found:
    """Return the bound of each quantity: 0, or WITHIN, or the difference of a repeated run."""
    least = {name: 0.0 if exact else WITHIN for name, (_, exact) in QUANTITIES.items()}
    if repeated is None or absent(repeated) or absent(before):
        return least
    again = differences(before, repeated)
    return {name: max(least[name], again[name] if math.isfinite(again[name]) else 0.0) for name in QUANTITIES}


def line(found: Found) -> str:
    """Return the differences as columns; "=" means equal to the last bit."""
    return "".join(f"{'=' if size == 0 else f'{size:.1e}':>15}" for size in found.values())
