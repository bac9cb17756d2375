"""Public functions and classes say the shapes of their arrays."""

import pytest
from shapes import items
from sources import Source, sources

FILES = sources()


def test_every_array_has_a_shape() -> None:
    found = {source.place: [item for item in items(source) if item.unsaid] for source in FILES}
    assert {place: unsaid for place, unsaid in found.items() if unsaid} == {}


def test_there_is_something_to_check() -> None:
    assert sum(len(items(source)) for source in FILES) > 200


def unsaid(text: str) -> dict[str, tuple[str, ...]]:
    return {item.name: item.unsaid for item in items(Source("given", text))}


HEAD = "import numpy as np\n"
TWO = "def f(a: np.ndarray, b: np.ndarray) -> None:\n"
HOLDS = 'class f:\n    """Holds rows.\n\n    Attributes:\n        '


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('def f(a: np.ndarray) -> int:\n    """Return the sum."""', ("a",)),
        ('def f(a: int) -> np.ndarray:\n    """Return a row."""', ("return",)),
        ('def f(a: int) -> dict[str, np.ndarray]:\n    """Return rows."""', ("return",)),
        ("def f(a: np.ndarray) -> int: ...", ("a",)),
        ('def f(a: np.ndarray) -> int:\n    """Return a[0] of Mapping[str, int]."""', ("a",)),
        (
            TWO + '    """Add.\n\n    Args:\n        a: [rows].\n        b: ids.\n    """',
            ("b",),
        ),
        (TWO + '    """Add a [rows]. Then take b."""', ("b",)),
        (
            'def f(a: np.ndarray) -> np.ndarray:\n    """Add.\n\n    Args:\n        a: float [rows].\n    """',
            ("return",),
        ),
        ('Arrays = dict[str, np.ndarray]\ndef f(a: Arrays) -> int:\n    """Return the sum."""', ("a",)),
        ('class f:\n    """Holds rows."""\n    a: np.ndarray', ("a",)),
        (
            HOLDS + 'a: ids.\n        b: [rows].\n    """\n    a: np.ndarray',
            ("a",),
        ),
    ],
)
def test_an_array_without_a_shape_is_found(text: str, wanted: tuple[str, ...]) -> None:
    assert unsaid(HEAD + text) == {"f": wanted}


@pytest.mark.parametrize(
    "text",
    [
        'def f(a: np.ndarray) -> int:\n    """Return the sum of a row [length]."""',
        'def f(a: np.ndarray) -> np.ndarray:\n    """Return twice a, of its shape."""',
        TWO + '    """Add a and b [2 * rows, hidden]."""',
        TWO + '    """Add.\n\n    Args:\n        a, b: float32 [rows].\n    """',
        'def f(a: int) -> np.ndarray:\n    """Draw.\n\n    Returns:\n        float32 [rows], or a scalar.\n    """',
        'def f(a: np.ndarray) -> int:\n    """Return the loss; see `Loss.reference`."""',
        'Arrays = dict[str, np.ndarray]\n"""Float [rows] each."""\ndef f(a: Arrays) -> int:\n    """Sum."""\n'
        'def g(a: np.ndarray) -> int:\n    """Sum a [rows]."""',
        HOLDS + 'a: [rows].\n    """\n    a: np.ndarray\n    _b: np.ndarray',
        'class f:\n    """Holds rows."""\n    a: np.ndarray\n    """[rows]."""',
        'class f:\n    """Holds rows [rows]."""\n    def __init__(self, a: np.ndarray) -> None: ...',
        'def _f(a: np.ndarray) -> int:\n    """Sum."""\ndef g(a: np.ndarray) -> int:\n    """Sum a [rows]."""',
    ],
)
def test_an_array_with_a_shape_is_not_found(text: str) -> None:
    found = unsaid(HEAD + text)
    assert found
    assert set(found.values()) == {()}
