"""Finds the tensors of a network in wrapped checkpoints, and describes the wrapping to the user."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from ftcore.errors import ModelError

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Keys of the tensors in a training checkpoint."""
BESIDE = ("optim", "sched", "scaler", "rng")
"""Parts of the keys of tensors that are training state, not part of the network."""
LIGHTNING = "pytorch-lightning_version"
COMPILED = "_orig_mod."
"""Inserted by torch.compile into the names of a module that it wraps."""
PREFIXES = {"module.": "data parallel"}
DEEPEST = 4
"""Most nested wrappers."""


class _Shaped(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


Tensor = TypeVar("Tensor", bound=_Shaped)


def unwrap(content: Any, kind: type[Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the tensors of a file by name, and notes about its other content.

    Args:
        content: content of the file: containers, plain values and tensors.
        kind: type of the tensors.

    Raises:
        ModelError: it holds no tensors by name, or several sets of them; the message lists its content.
    """
    notes: list[str] = []
    for _ in range(DEEPEST):
        own, inside = _tensors(content, kind), _sets(content, kind)
        if not inside:
            return own, (*notes, *_not_read(content, own))
        own = {name: tensor for name, tensor in own.items() if tensor.shape and not _is_beside(name)}
        key = next(iter(inside))
        if own or len(inside) > 1 or key not in WRAPPERS:
            raise ModelError(_ambiguous(own, inside))
        around = "a Lightning checkpoint" if LIGHTNING in content else "a training's checkpoint"
        notes += [f"the tensors are those under {key!r} of {around}", *_not_read(content, inside)]
        content = content[key]
    raise ModelError("holds tensors nested too deeply: save only state_dict()")


def without_wrapping(names: Iterable[str], expected: Collection[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Map each tensor's name without a wrapper's prefix to its name in the file; return this and notes for the user.

    The prefix is removed without which most names are expected, if more are than with it. Names without it stay.

    Args:
        names: names of the tensors.
        expected: names that the network's parameters may have.

    Raises:
        ModelError: two names become one.
    """
    given = {name: name.replace(COMPILED, "") for name in names}
    notes = [f"{COMPILED!r} of torch.compile is removed from the names"] if any(map(_differ, given.items())) else []
    prefix = _wrapping(list(given.values()), expected)
    if prefix:
        kind = PREFIXES.get(prefix)
        inside = sum(name.startswith(prefix) for name in given.values())
        every = "every name" if inside == len(given) else f"{inside} of {len(given)} names"
        notes.append(f"the prefix {prefix!r}{f' of {kind}' if kind else ''} is removed from {every}")
    found: dict[str, str] = {}
    for name, plain in given.items():
        short = plain.removeprefix(prefix)
        if short in found:
            raise ModelError(f"{found[short]!r} and {name!r} are the same tensor")
        found[short] = name
    return found, tuple(notes)


def _wrapping(names: Collection[str], expected: Collection[str]) -> str:
    """Return the prefix without which most names are expected; the shortest one, and "" if none gives more."""
    known = set(expected)
    counts = Counter({"": sum(name in known for name in names)})
    for name in names:
        words = name.split(".")
        for count in range(1, len(words)):
            if ".".join(words[count:]) in known:
                counts[".".join([*words[:count], ""])] += 1
    return min(counts, key=lambda prefix: (-counts[prefix], len(prefix)))


def _tensors(content: Any, kind: type[Tensor]) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        what = "one tensor" if isinstance(content, kind) else f"a {type(content).__name__}"
        raise ModelError(f"holds {what}, not tensors by name: save state_dict()")
    found = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, kind)}
    if not found and not _sets(content, kind):
        raise ModelError(f"holds no tensors by name: it has {_listed(map(str, content)) or 'nothing'}")
    return found


def _sets(content: Mapping[Any, Any], kind: type[Tensor]) -> dict[str, int]:
    """Return the keys that hold tensors of a network, with the number of tensors."""
    counts = {str(key): _count(value, kind, 1) for key, value in content.items() if not _is_beside(str(key))}
    return {key: count for key, count in counts.items() if count}


def _count(value: Any, kind: type[Tensor], level: int) -> int:
    if not isinstance(value, Mapping) or level > DEEPEST:
        return 0
    own = sum(isinstance(inner, kind) for inner in value.values())
    return own + sum(_count(value[key], kind, level + 1) for key in WRAPPERS if key in value)


def _is_beside(name: str) -> bool:
    return any(part in name.lower() for part in BESIDE)


def _not_read(content: Mapping[Any, Any], taken: Collection[str]) -> list[str]:
    left = [str(key) for key in content if key not in taken]
    return [f"not read: {_listed(left)}"] if left else []


def _ambiguous(own: Collection[str], inside: Mapping[str, int]) -> str:
    sets = [f"{key!r} ({count})" for key, count in inside.items()]
    sets += [f"by themselves {_listed(own)}"] if own else []
    return (
        f"holds tensors under {_listed(sets)}, but ftcore reads only tensors at the top or under one of "
        f"{', '.join(WRAPPERS)}: save only the right ones (torch.save(torch.load(FILE, weights_only=True)[KEY], "
        "NEW_FILE))"
    )


def _listed(names: Iterable[str], most: int = 8) -> str:
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def _differ(pair: tuple[str, str]) -> bool:
    return pair[0] != pair[1]
