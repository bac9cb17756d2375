"""Reads the rows of a query from an SQLite database."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ftcore.data.readers.base import Row, check_distinct
from ftcore.errors import DataError

TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"

EVERY_ROW = "SELECT * FROM {table}"


@dataclass(frozen=True)
class SqliteReader:
    """Reads the rows of a query; the database is opened for reading only.

    Attributes:
        path: the database file.
        name: its name in errors.
        query: the SQL query.
    """

    path: Path
    name: str
    query: str

    def columns(self) -> list[str]:
        """Return the columns of the query."""
        with opened(self.path, self.name) as connection:
            return self._columns(self._cursor(connection))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, every column."""
        with opened(self.path, self.name) as connection:
            cursor = self._cursor(connection)
            names = self._columns(cursor)
            for number, values in enumerate(cursor, start=1):
                yield Row(number, None, dict(zip(names, values, strict=True)))

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]

    def _cursor(self, connection: sqlite3.Connection) -> sqlite3.Cursor:
        try:
            return connection.execute(self.query)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise DataError(f"{self.name}: data.query {self.query!r} cannot be run: {error}") from error

    def _columns(self, cursor: sqlite3.Cursor) -> list[str]:
        if cursor.description is None:
            raise DataError(f"{self.name}: data.query {self.query!r} gives no rows: it must be a SELECT")
        names = [column[0] for column in cursor.description]
        check_distinct(self.name, names)
        return names


def query_of(path: Path, name: str) -> str:
    """Return the query for every row of a database's only table.

    Raises:
        DataError: it is no database, or has no table or several.
    """
    with opened(path, name) as connection:
        tables = [table for (table,) in connection.execute(TABLES)]
    if len(tables) == 1:
        escaped = tables[0].replace('"', '""')
        return EVERY_ROW.format(table=f'"{escaped}"')
    found = f"the tables {', '.join(tables)}" if tables else "no table"
    raise DataError(f'{name}: has {found}: set data.query, such as "{EVERY_ROW.format(table="messages")}"')


@contextmanager
def opened(path: Path, name: str) -> Iterator[sqlite3.Connection]:
    """Open a database for reading.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise DataError(f"{name}: cannot be read as an SQLite database: {error}") from error
