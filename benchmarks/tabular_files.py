"""Compare how ftcore reads files of rows with how pandas reads them, over files that pandas writes.

    python benchmarks/tabular_files.py              # 5,000 files; about 2 minutes on 1 core
    python benchmarks/tabular_files.py --files 200 --seed 7

Each file is a random table in a random dialect: its format, delimiter, quoting, encoding, line ends, compression and
types. ftcore reads it twice: told nothing, and told the dialect in the fields of the spec. What it reads must be what
pandas reads with the right arguments. Told nothing, it may also refuse the file, in one line that names a field to set.
Another outcome ends the script with exit code 1.
"""

import argparse
import collections
import csv
import math
import random
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas

from ftcore.data import ColumnRules, TableFormat, finite_number, open_source
from ftcore.errors import DataError
from ftcore.targets.label_codes import LabelCodes, label_text

RULES = ColumnRules({}, "joint", "label", (("text",),))
SCORE = "score"
WORDS = [
    "hello",
    "the card",
    "Queue",
    "no",
    "it's",
    "5 %",
    "a-b",
    "x",
    "where is my order",
    "1",
    "2.5",
    "  ",
    "'quoted'",
]
SPECIAL = ['"', '"quoted"', ",", ";", "\t", "|", "\n", "\r\n", ",\n", "; ", '""', '"\n', '", "', " # ", "\u2028"]
FOREIGN = {
    "utf-8": ["é", "日本語", "🎉", "Привет", "ß"],
    "latin-1": ["é", "ß", "ñ"],
    "cp1252": ["é", "€", "“so”"],
    "shift_jis": ["日本語", "カード"],
    "gb18030": ["中文", "卡"],
    "koi8-r": ["Привет", "карта"],
    "cp1251": ["Привет", "карта"],
    "big5": ["中文"],
    "ascii": [],
}
NAMED = re.compile(r"\bdata\.\w+")
"""The name of a field in a refusal."""


@dataclass(frozen=True)
class Dialect:
    """How a table is written, and what a spec says of it.

    Attributes:
        ending: the file's ending.
        write: arguments of pandas for writing.
        read: arguments of pandas for reading, beside those of every dialect.
        told: the fields of a spec that tell the dialect.
        told_fully: whether these fields can tell everything about it.
        without: texts that this dialect cannot hold.
    """

    ending: str
    write: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    told_fully: bool = True
    without: tuple[str, ...] = ()


def _separated(ending: str, separator: str, **more: Any) -> Dialect:
    write = {"sep": separator, **more}
    return Dialect(ending, write, {"sep": separator}, {"delimiter": separator, "quoting": "standard"})


BARE = {"quoting": csv.QUOTE_NONE}
ESCAPED = {"doublequote": False, "escapechar": "\\"}
DIALECTS: dict[str, Dialect] = {
    "comma": _separated("csv", ","),
    "comma, Windows line ends": _separated("csv", ",", lineterminator="\r\n"),
    "comma, all quoted": _separated("csv", ",", quoting=csv.QUOTE_ALL),
    "comma, texts quoted": _separated("csv", ",", quoting=csv.QUOTE_NONNUMERIC),
    "comma, with an index": _separated("csv", ",", index=True),
    "semicolon": _separated("csv", ";"),
    "semicolon, all quoted": _separated("csv", ";", quoting=csv.QUOTE_ALL),
    "tab in csv": _separated("csv", "\t"),
    "pipe": _separated("csv", "|"),
    "tab": _separated("tsv", "\t"),
    "tab, all quoted": _separated("tsv", "\t", quoting=csv.QUOTE_ALL, lineterminator="\r\n"),
    "comma in tsv": _separated("tsv", ","),
    "tab, bare quotes": Dialect(
        "tsv",
        {"sep": "\t", "quotechar": "\a", **BARE},
        {"sep": "\t", **BARE},
        {"delimiter": "\t", "quoting": "none"},
        without=("\t", "\n", "\r\n", ",\n", '"\n'),
    ),
    "semicolon, bare quotes": Dialect(
        "csv",
        {"sep": ";", "quotechar": "\a", **BARE},
        {"sep": ";", **BARE},
        {"delimiter": ";", "quoting": "none"},
        without=(";", "; ", "\n", "\r\n", ",\n", '"\n'),
    ),
    "comma, backslash before quotes": Dialect("csv", ESCAPED, ESCAPED, told_fully=False),
    "semicolon, decimal comma": Dialect(
        "csv", {"sep": ";", "decimal": ","}, {"sep": ";"}, {"delimiter": ";", "quoting": "standard", "decimal": ","}
    ),
    "comma, no header": Dialect(
        "csv", {"header": False}, {"header": None}, {"header": False, "quoting": "standard", "delimiter": ","}
    ),
    "JSON lines": Dialect("jsonl", {"orient": "records", "lines": True}, {"lines": True}),
    "JSON list": Dialect("json", {"orient": "records"}),
    "JSON list named jsonl": Dialect("jsonl", {"orient": "records"}),
    "JSON lines named json": Dialect("json", {"orient": "records", "lines": True}, {"lines": True}),
    "Parquet": Dialect("parquet"),
    "Excel": Dialect("xlsx"),
}
COMPRESSED = {"csv", "tsv", "jsonl", "json"}


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        name: the dialect and the encoding, for the report.
        path: the file.
        told: the fields that tell how it is read; None if no fields can.
        wanted: what pandas reads: texts, labels and scores.
    """

    name: str
    path: Path
    told: dict[str, Any] | None
    wanted: list[tuple[str, str, float]]


def make(random_: random.Random, folder: Path) -> Case:
    """Write a random table in a random dialect, and read it with pandas."""
    name = random_.choice(list(DIALECTS))
    dialect = DIALECTS[name]
    is_text = dialect.ending in COMPRESSED
    encoding = random_.choice([*FOREIGN, "utf-8-sig", "utf-16"]) if dialect.ending in ("csv", "tsv") else "utf-8"
    frame = _frame(random_, dialect, encoding)
    # pandas cannot read the compressed UTF-16 that it writes, which has no byte-order mark
    ending = random_.choice(["", "", "", ".gz", ".bz2"]) if is_text and encoding != "utf-16" else ""
    path = folder / f"a.{dialect.ending}{ending}"
    given = _written(frame, path, dialect, encoding)
    said = {**dialect.told, **({"encoding": encoding} if dialect.ending in ("csv", "tsv") else {})}
    return Case(f"{name}, {encoding}", path, said if dialect.told_fully else None, given)


def _frame(random_: random.Random, dialect: Dialect, encoding: str) -> pandas.DataFrame:
    foreign = FOREIGN.get(encoding, FOREIGN["utf-8"])
    special = [text for text in SPECIAL if text not in dialect.without] if random_.random() < 0.8 else []
    pool = [text for text in [*WORDS * 3, *special, *foreign] if not any(part in text for part in dialect.without)]
    pool = [text for text in pool if text.encode(encoding, "ignore").decode(encoding) == text]
    if dialect.ending == "xlsx":
        pool = [text for text in pool if "\r" not in text]
    rows = random_.randrange(1, 30)
    texts = [" ".join(random_.choices(pool, k=random_.randrange(1, 7))) for _ in range(rows)]
    if dialect.ending == "xlsx" or random_.random() < 0.5:
        texts = [text.strip() or "text" for text in texts]
    texts = [text.replace("\\", "/") or "x" for text in texts]
    kinds: list[list[Any]] = [["a", "b"], [0, 1, 2, 10], [0.0, 1.0, 10.0], [0.5, 1.0, 3.0], [True, False], ["01", "1"]]
    labels = random_.choices(random_.choice(kinds), k=rows)
    scores = [round(random_.uniform(-5, 5), random_.randrange(3)) for _ in range(rows)]
    frame = pandas.DataFrame({"text": texts, "label": labels, SCORE: scores})
    if random_.random() < 0.3:
        frame["note"] = random_.choices(pool, k=rows)
    if dialect.ending == "parquet" and random_.random() < 0.5:
        frame["text"] = frame["text"].astype("category")
    return frame if dialect.write.get("header") is False else frame[random_.sample(list(frame), len(frame.columns))]


def _written(frame: pandas.DataFrame, path: Path, dialect: Dialect, encoding: str) -> list[tuple[str, str, float]]:
    """Write a table and return what pandas reads of it: texts, labels as text, and scores."""
    writers: dict[str, Callable[[], Any]] = {
        "parquet": lambda: frame.to_parquet(path),
        "xlsx": lambda: frame.to_excel(path, index=False),
    }
    for ending in ("json", "jsonl"):
        writers[ending] = lambda: frame.to_json(path, **dialect.write)
    for ending in ("csv", "tsv"):
        writers[ending] = lambda: frame.to_csv(path, **{"index": False, "encoding": encoding, **dialect.write})
    writers[dialect.ending]()
    readers: dict[str, Callable[[], pandas.DataFrame]] = {
        "parquet": lambda: pandas.read_parquet(path),
        "xlsx": lambda: pandas.read_excel(path, dtype={"text": str, "label": object}),
    }
    for ending in ("json", "jsonl"):
        readers[ending] = lambda: pandas.read_json(
            path, dtype=False, **({"lines": True} if "lines" in dialect.read else {})
        )
    for ending in ("csv", "tsv"):
        readers[ending] = lambda: pandas.read_csv(
            path, **{"encoding": encoding, "dtype": str, "keep_default_na": False, **dialect.read}
        )
    found = readers[dialect.ending]()
    if dialect.write.get("header") is False:
        found.columns = list(frame.columns)
    decimal = dialect.write.get("decimal", ".")
    scores = [float(str(score).replace(decimal, ".")) for score in found[SCORE]]
    labels = [value.replace(decimal, ".") if isinstance(value, str) else value for value in found["label"]]
    return list(zip(map(str, found["text"]), named(labels), scores, strict=True))


def named(values: list[Any]) -> list[str]:
    """Return the names of labels."""
    codes = LabelCodes(None)
    given = [codes.code(label_text(value)) for value in values]
    labels, order = codes.finish()
    return [labels[order[code]] for code in given]


def read(case: Case, told: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    """Read a file as ftcore reads it; raises DataError where it is refused."""
    given = TableFormat(**told)
    source = open_source(case.path.name, case.path.parent, given)
    columns = ["text", "label", SCORE]
    names = {name: name for name in columns} if given.header else dict(zip(columns, ("1", "2", "3"), strict=True))
    rules = ColumnRules({name: names[name] for name in ("text", "label")}, RULES.pair, RULES.target, RULES.forms)
    rules.bind(source.name, source.reader.columns())
    rows = []
    for row in source.rows(list(names.values()), [names["text"]]):
        if row.problem is not None:
            raise DataError(f"row {row.number}: {row.problem}")
        rows.append([row.values.get(names[name]) for name in columns])
    try:
        scores = [finite_number(score, SCORE) for _, _, score in rows]
    except ValueError as error:
        raise DataError(str(error)) from error
    return list(zip([str(text) for text, *_ in rows], named([label for _, label, _ in rows]), scores, strict=True))


def outcome(case: Case, told: Mapping[str, Any]) -> str:
    """Return "equal", "refused" (naming a field), or what is wrong."""
    try:
        found = read(case, told)
    except DataError as error:
        named_field = NAMED.search(str(error)) is not None and "\n" not in str(error)
        return "refused" if named_field else f"refused without the name of a field: {error}"
    if [row[:2] for row in found] != [row[:2] for row in case.wanted]:
        differing = [pair for pair in zip(found, case.wanted, strict=False) if pair[0][:2] != pair[1][:2]]
        first = differing[0] if differing else "the number of rows"
        return f"{len(found)} rows instead of {len(case.wanted)}, first difference {first!r}"
    close = all(math.isclose(one[2], other[2], rel_tol=1e-9) for one, other in zip(found, case.wanted, strict=True))
    return "equal" if close else "other scores"


def check(seed: int, folder: Path) -> tuple[Case, str, str]:
    """Return a file, and the outcomes of reading it, told nothing and told its dialect."""
    case = make(random.Random(seed), folder)
    blind = outcome(case, {})
    told = blind if case.told is None else outcome(case, case.told)
    return case, blind, told if case.told is None or told != "refused" else "refused although everything is told"


def is_right(blind: str, told: str) -> bool:
    """Return whether both outcomes are allowed."""
    return blind in ("equal", "refused") and told in ("equal", "refused")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts: collections.Counter[str] = collections.Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(given.seed, given.seed + given.files):
            case, blind, told = check(seed, Path(folder))
            counts[f"told nothing: {blind}" if blind in ("equal", "refused") else "told nothing: wrong"] += 1
            if case.told is not None:
                counts[f"told the dialect: {told}" if told == "equal" else "told the dialect: wrong"] += 1
            if not is_right(blind, told):
                wrong += 1
                print(f"seed {seed}, {case.name}: told nothing: {blind}; told: {told}")
            case.path.unlink()
    print(f"{given.files} files in {len(DIALECTS)} dialects and {len(FOREIGN) + 2} encodings")
    for name, count in sorted(counts.items()):
        print(f"{name:<26}{count:>6}")
    print(f"{'wrong':<26}{wrong:>6}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
