"""Makes readers of text that can be read only once, whose form cannot be decided by reading ahead."""

from collections.abc import Callable
from pathlib import Path

from ftcore.data.readers.base import Reader
from ftcore.data.readers.conll import ConllReader
from ftcore.data.readers.delimited import DelimitedReader, Dialect
from ftcore.data.readers.json_lines import JsonLinesReader
from ftcore.data.readers.json_list import JsonListReader
from ftcore.data.readers.text_file import TextFile
from ftcore.data.table_format import TableFormat
from ftcore.formats import StreamFormat

DELIMITERS: dict[StreamFormat, str] = {"csv": ",", "tsv": "\t"}
PLAIN: dict[StreamFormat, Callable[[TextFile], Reader]] = {
    "jsonl": JsonLinesReader,
    "json": JsonListReader,
    "conll": ConllReader,
}


def stream_reader(path: Path, name: str, stream_format: StreamFormat, given: TableFormat) -> Reader:
    """Return the reader of a stream of this format.

    Where the delimiter is not given, it is that of the format. Where the meaning of quotes is not given, they enclose
    fields, and a field over several lines whose lines could be rows is an error.

    Args:
        path: the stream's path.
        name: its name in errors.
        stream_format: its format.
        given: how its rows are read.
    """
    file = TextFile(path, name, given.encoding)
    if stream_format in DELIMITERS:
        delimiter = DELIMITERS[stream_format] if given.delimiter == "auto" else given.delimiter
        return DelimitedReader(
            file, Dialect(delimiter, given.quoting != "none", given.header, decided=given.quoting != "auto")
        )
    return PLAIN[stream_format](file)
