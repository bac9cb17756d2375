"""Reads a pickle without calling anything that it names.

A pickle is a program for a stack machine, and some of its instructions call a function by name, so loading it runs
code. Here each instruction is interpreted. A name stays a `Global`, which is only text. A call is replaced by a
function from a table by the caller, and a name outside that table is an error.
"""

import pickletools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.errors import ModelError

Known = Mapping[str, Callable[..., Any] | None]
"""Maps allowed names to functions that replace their calls; None for a name that may not be called."""

PLAIN_KEYS = (str, bytes, int, float, type(None))
"""Allowed types of dictionary keys and set members: hashing a deeply nested tuple could exhaust the stack."""

_SAME = frozenset({"PROTO", "FRAME"})
_LITERALS = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    }
)
_CONSTANTS: Mapping[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": set,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})


@dataclass(frozen=True)
class Global:
    """A name in a pickle, such as "collections.OrderedDict"."""

    name: str


def interpret(program: bytes, known: Known, persistent: Callable[[Any], Any]) -> Any:
    """Return the content of a pickle: literals, containers, and results of `known` and `persistent`.

    Args:
        program: the pickle.
        known: the names that it may contain and call.
        persistent: returns the value of a persistent id.

    Raises:
        ModelError: it names something else, or is damaged.
    """
    machine = _Machine(known, persistent)
    try:
        for instruction, argument, _ in pickletools.genops(program):
            if instruction.name == "STOP":
                return machine.stack.pop()
            machine.carry_out(instruction.name, argument)
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise ModelError(f"is damaged ({type(error).__name__} in its pickle): get it again") from error
    raise ModelError("is damaged (its pickle has no end): get it again")


def plain(items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return a dictionary of pairs.

    Raises:
        TypeError: a key is not a plain value.
    """
    return {_plain_key(key): value for key, value in items}


class _Machine:
    def __init__(self, known: Known, persistent: Callable[[Any], Any]) -> None:
        self.stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._known = known
        self._persistent = persistent

    def carry_out(self, name: str, argument: Any) -> None:
        if name in _LITERALS:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _TUPLES:
            self.stack.append(tuple(self._last(_TUPLES[name])))
        elif name in _PUTS:
            self._memo[argument] = self.stack[-1]
        elif name in _GETS:
            self.stack.append(self._memo[argument])
        elif name in _OTHERS:
            _OTHERS[name](self, argument)
        elif name not in _SAME:
            raise ModelError(f"is not a file of plain tensors: its pickle has the instruction {name}")

    def mark(self, _: Any) -> None:
        self._marks.append(len(self.stack))

    def memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def make_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._since_mark()))

    def make_list(self, _: Any) -> None:
        self.stack.append(self._since_mark())

    def make_dict(self, _: Any) -> None:
        self.stack.append(_pairs(self._since_mark()))

    def append(self, _: Any) -> None:
        self._extend([self.stack.pop()])

    def appends(self, _: Any) -> None:
        self._extend(self._since_mark())

    def set_item(self, _: Any) -> None:
        self._update(self._last(2))

    def set_items(self, _: Any) -> None:
        self._update(self._since_mark())

    def add_items(self, _: Any) -> None:
        items = self._since_mark()
        _exactly(self.stack[-1], set).update(_plain_key(item) for item in items)

    def name_global(self, argument: str) -> None:
        self._push_global(argument.replace(" ", "."))

    def name_stacked_global(self, _: Any) -> None:
        module, name = self._last(2)
        self._push_global(f"{module}.{name}")

    def call(self, _: Any) -> None:
        callee, arguments = self._last(2)
        stands_for = self._known[_exactly(callee, Global).name]
        if stands_for is None:
            raise TypeError(f"{callee.name} is called")
        self.stack.append(stands_for(*_exactly(arguments, tuple)))

    def build(self, _: Any) -> None:
        """Ignore the attributes of an OrderedDict, which are the version numbers of a state dict."""
        self.stack.pop()
        _exactly(self.stack[-1], dict)

    def persistent(self, _: Any) -> None:
        self.stack.append(self._persistent(self.stack.pop()))

    def _push_global(self, name: str) -> None:
        if name not in self._known:
            raise ModelError(_unknown(name))
        self.stack.append(Global(name))

    def _extend(self, items: list[Any]) -> None:
        _exactly(self.stack[-1], list).extend(items)

    def _update(self, items: list[Any]) -> None:
        _exactly(self.stack[-1], dict).update(_pairs(items))

    def _last(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise LookupError("the stack is empty")
        found = self.stack[-count:]
        del self.stack[-count:]
        return found

    def _since_mark(self) -> list[Any]:
        place = self._marks.pop()
        found = self.stack[place:]
        del self.stack[place:]
        return found


_OTHERS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "MARK": _Machine.mark,
    "MEMOIZE": _Machine.memoize,
    "TUPLE": _Machine.make_tuple,
    "LIST": _Machine.make_list,
    "DICT": _Machine.make_dict,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "ADDITEMS": _Machine.add_items,
    "GLOBAL": _Machine.name_global,
    "STACK_GLOBAL": _Machine.name_stacked_global,
    "REDUCE": _Machine.call,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent,
}


def _pairs(items: list[Any]) -> dict[Any, Any]:
    return plain(zip(items[0::2], items[1::2], strict=True))


def _plain_key(key: Any) -> Any:
    if not isinstance(key, PLAIN_KEYS):
        raise TypeError(f"a {type(key).__name__} is a key")
    return key


def _exactly(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"a {type(value).__name__} stands where a {kind.__name__} must")
    return value


def _unknown(name: str) -> str:
    if name.startswith("torch._utils."):
        return f"holds a kind of tensor that ftcore does not read ({name}): save plain, dense tensors"
    return (
        f"holds a pickled object of {name}, not just tensors: loading it would run its code; save state_dict() "
        "instead, or load it yourself and use ftcore.finetune"
    )
