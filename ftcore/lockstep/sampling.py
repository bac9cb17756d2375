"""Chooses the steps of a run that every backend takes from the same state."""

from collections.abc import Iterator, Sequence


def sampled_steps(choice: str | Sequence[int], total_steps: int) -> tuple[int, ...]:
    """Return the sampled steps of a run, rising.

    Args:
        choice: `compare.lockstep` of a spec: "none"; "auto" for 1, 2, 5, 10, 20, 50, ... and the last step; or the
            steps themselves, of which those beyond the last are left out.
        total_steps: number of steps of the run.
    """
    if choice == "none":
        return ()
    chosen = [*_one_two_five(total_steps), total_steps] if isinstance(choice, str) else choice
    return tuple(sorted({step for step in chosen if step <= total_steps}))


def _one_two_five(last: int) -> Iterator[int]:
    power = 1
    while power <= last:
        yield from (power, 2 * power, 5 * power)
        power *= 10
