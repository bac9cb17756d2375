"""Decides whether the quotes of a CSV or TSV file enclose fields, by every line of the file."""

import re
from typing import NamedTuple

from ftcore.data.readers.delimited import DelimitedReader, Dialect
from ftcore.data.readers.text_file import TextFile
from ftcore.errors import DataError

CLEAR = 10
"""A reading is clear if the other one has this many times as many bad rows."""


class Reading(NamedTuple):
    """A file with one meaning of quotes.

    Attributes:
        records: number of records.
        bad: number of records that cannot be read, or have another number of fields than the first record.
        first: the first of these, and what is wrong with it; "" without any.
    """

    records: int
    bad: int
    first: str

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
    start = re.compile(rb'(?:^|%s)"' % re.escape(dialect.delimiter.encode()))
    with file.open() as stream:
        if dialect.header and start.search(stream.readline()):
            return True
        if not any(start.search(line) for line in stream):
            return True
    enclosing, plain = (_read(file, dialect._replace(quoted=choice)) for choice in (True, False))
    if enclosing.bad < plain.bad or enclosing[:2] == plain[:2]:
        return True
    if enclosing.bad and plain.bad * CLEAR <= enclosing.bad:
        return False
    raise DataError(
        f"{file.name}: has {enclosing.told(dialect)} if quotes enclose fields, and {plain.told(dialect)} if they are "
        "characters like others: set data.quoting to standard or to none"
    )


def told(file: TextFile) -> str:
    """Return a note that quotes are characters like others."""
    return f"{file.name}: quotes are read as characters like others (data.quoting: none), since they enclose no fields"


def _read(file: TextFile, dialect: Dialect) -> Reading:
    records = bad = width = 0
    first = ""
    for record in DelimitedReader(file, dialect).records():
        width = width or len(record.fields)
        records += 1
        if record.problem is not None or len(record.fields) != width:
            bad += 1
            first = (
                first or f"line {record.line}: {record.problem or f'{len(record.fields)} fields instead of {width}'}"
            )
    return Reading(records, bad, first)
