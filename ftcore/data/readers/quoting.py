"""Decides whether the quotes of a CSV or TSV file enclose fields, by every line of the file."""

import re
from typing import NamedTuple

from ftcore.data.readers.delimited import DelimitedReader, Dialect
from ftcore.data.readers.text_file import TextFile
from ftcore.errors import DataError

CLEAR = 10
"""A reading is clear if the other one has this many times as many bad rows."""
QUOTE = '"'
MISSING = ("", "NA", "NULL", "null", "None")


class Attempt(NamedTuple):
    """What a file is with one meaning of quotes.

    Attributes:
        records: number of records.
        bad: number of records that cannot be read, or have another number of fields than the first record.
        first: the first of these, and what is wrong with it; "" without any.
        wrapped: a field in quotes, of a column that has others without; "" without any, or if quotes enclose fields.
        bare: whether a field that does not begin with a quote has one.
    """

    records: int
    bad: int
    first: str
    wrapped: str
    bare: bool

    def told(self, dialect: Dialect) -> str:
        """Return the numbers of rows and of bad rows."""
        rows = f"{self.records - dialect.header} rows"
        return f"{rows}, {self.bad} of them bad ({self.first})" if self.bad else rows


def quoted(file: TextFile, dialect: Dialect) -> bool:
    """Return whether quotes enclose fields.

    Without a field that begins with a quote both meanings are the same. A header in quotes tells that they enclose.
    Else the meaning is right with which every row can be read.

    Args:
        file: the file.
        dialect: its delimiter, and whether it has a header.

    Raises:
        DataError: both meanings fit, and give other rows; or none fits.
    """
    found = _quotes(file, dialect)
    if found.header or not found.begin:
        return True
    enclosing, plain = (_read(file, dialect._replace(quoted=choice)) for choice in (True, False))
    if enclosing.bad < plain.bad:
        return True
    if enclosing[:2] == plain[:2]:
        return not _is_part_of_texts(file, plain)
    if (found.inside and not plain.bad) or (enclosing.bad and plain.bad * CLEAR <= enclosing.bad):
        return False
    raise DataError(
        f"{file.name}: has {enclosing.told(dialect)} if quotes enclose fields, and {plain.told(dialect)} if "
        "they are characters like others: set data.quoting to standard or to none"
    )


class _Quotes(NamedTuple):
    """The places of a file's quotes.

    Attributes:
        header: whether a field of the header begins with one.
        begin: whether another field does.
        inside: whether there is a single one inside a field, which no program writes where quotes enclose fields.
    """

    header: bool
    begin: bool
    inside: bool


def _quotes(file: TextFile, dialect: Dialect) -> _Quotes:
    """Return where a file has quotes.

    Raises:
        DataError: a quote follows a backslash in a field, and there is none inside a field without a backslash.
    """
    patterns = _patterns(re.escape(dialect.delimiter.encode()))
    begin = inside = False
    escaped = 0
    with file.open() as stream:
        for number, line in enumerate(stream, start=1):
            if QUOTE.encode() not in line:
                continue
            if dialect.header and number == 1 and patterns.begin.search(line):
                return _Quotes(True, True, False)
            begin = begin or patterns.begin.search(line) is not None
            inside = inside or patterns.inside.search(line) is not None
            escaped = escaped or (number if patterns.escaped.search(line) else 0)
    if escaped and not inside:
        raise DataError(
            f"{file.name}:{escaped}: a quote follows a backslash, which has no meaning in csv and tsv, where a quote "
            "is written twice: set data.quoting to standard or to none to keep the backslash"
        )
    return _Quotes(False, begin, inside)


class _Patterns(NamedTuple):
    """Patterns of quotes in a line.

    Attributes:
        begin: a quote that begins a field.
        inside: a quote inside a field, without a backslash.
        escaped: a backslash before a quote that ends no field.
    """

    begin: re.Pattern[bytes]
    inside: re.Pattern[bytes]
    escaped: re.Pattern[bytes]


def _patterns(delimiter: bytes) -> _Patterns:
    within = rb'\\"(?!["\r\n]|%s|$)' % delimiter
    without_quotes = rb'(?:^|%s)[^"%s]*\\"(?!")' % (delimiter, delimiter)
    inside = rb'[^\\"%s\r\n]"[^"%s\r\n]' % (delimiter, delimiter)
    return _Patterns(
        re.compile(rb'(?:^|%s)"' % delimiter), re.compile(inside), re.compile(rb"%s|%s" % (within, without_quotes))
    )


def told(file: TextFile) -> str:
    """Return a note that quotes are characters like others."""
    return f"{file.name}: quotes are read as characters like others (data.quoting: none), since they enclose no fields"


def _read(file: TextFile, dialect: Dialect) -> Attempt:
    records = bad = width = 0
    first, columns = "", _Columns()
    for record in DelimitedReader(file, dialect).records():
        width = width or len(record.fields)
        records += 1
        if not dialect.quoted and (records > 1 or not dialect.header):
            columns.add(record.fields)
        if record.problem is not None or len(record.fields) != width:
            bad += 1
            reason = record.problem or f"{len(record.fields)} fields instead of {width}"
            first = first or f"line {record.line}: {reason.partition(';')[0]}"
    return Attempt(records, bad, first, columns.mixed(), columns.bare_quotes)


def _is_part_of_texts(file: TextFile, plain: Attempt) -> bool:
    """Return whether quotes around fields belong to the texts, where both meanings give the same rows.

    Programs quote the fields that need it, which are also those with quotes in them, or every text of a column. So
    quotes that no field needs, around some texts of a column, belong to the texts if other fields have quotes inside.

    Raises:
        DataError: there are such quotes, and no other quotes.
    """
    if not plain.wrapped or plain.bad:
        return False
    if not plain.bare:
        raise DataError(
            f"{file.name}: {plain.wrapped!r} is in quotes and other texts of its column are not, though no field needs "
            "quotes: set data.quoting to standard if they enclose fields, or to none if they belong to the texts"
        )
    return True


class _Columns:
    """For each column, a field in quotes that needs none, and whether there is a text without quotes."""

    def __init__(self) -> None:
        self._wrapped: dict[int, str] = {}
        self._bare: set[int] = set()
        self._needed = False
        self.bare_quotes = False

    def add(self, fields: list[str]) -> None:
        for place, text in enumerate(fields):
            if len(text) > 2 and text[:1] == QUOTE == text[-1:]:
                self._wrapped.setdefault(place, text)
                self._needed = self._needed or QUOTE in text[1:-1]
                continue
            self.bare_quotes = self.bare_quotes or QUOTE in text[1:]
            if place not in self._bare and _is_text(text):
                self._bare.add(place)

    def mixed(self) -> str:
        """Return a field in quotes of a column that has texts without; "" where quotes in quotes are written twice."""
        found = [text for place, text in self._wrapped.items() if place in self._bare]
        return found[0] if found and not self._needed else ""


def _is_text(field: str) -> bool:
    """Return whether a field is neither a number nor a missing value, which programs leave without quotes."""
    if field in MISSING:
        return False
    try:
        float(field)
    except ValueError:
        return True
    return False
