"""Reads one CSV file record by record, in flat memory, and says exactly where a record begins.

The csv module alone would let one forgotten quote swallow the rest of a file. Here a record is put
together line by line within bounds; where quotes do not close, only the first line is given up and
reading goes on with the next one.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cli.importing.shapes import COLUMNS, ExportError, RawRow, Reject, SourceFile

MAX_LINE_BYTES: Final = 4 * 1024 * 1024
MAX_RECORD_LINES: Final = 500
MAX_RECORD_CHARS: Final = 1024 * 1024

LONE_RETURN: Final = "a carriage return stands inside the row"
BROKEN_QUOTES: Final = "quotes are not closed or stand in the wrong place"
LINE_TOO_LONG: Final = f"line is longer than {MAX_LINE_BYTES} bytes"

_WIDE_BOMS: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CsvFile:
    """One file of an export, open for reading.

    Attributes:
        surplus: columns of the file that nobody reads.
    """

    def __init__(self, folder: Path, file: SourceFile) -> None:
        """Open the file and read its header.

        Args:
            folder: the export's folder.
            file: which of its files.

        Raises:
            ExportError: the file cannot be opened, is no UTF-8 CSV, or lacks columns.
        """
        self._file = file
        # The module's own limit is lower than our bounds and would speak of fields, not of lines.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES + MAX_RECORD_CHARS))
        try:
            self._stream: BinaryIO = (folder / file).open("rb")
        except OSError as error:
            raise ExportError(file, None, f"cannot be opened ({error.strerror})") from error
        self._line = 0
        self._ahead: deque[str | None] = deque()
        self._width: int | None = None
        try:
            self._header = self._read_header()
        except ExportError:
            self._stream.close()
            raise
        self._width = len(self._header)
        self.surplus = tuple(name for name in self._header if name not in COLUMNS[file])

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._stream.tell()

    def records(self) -> Iterator[RawRow | Reject]:
        """Yield every record after the header, in the file's order.

        Yields:
            A `RawRow` for a record with the right number of columns, else a `Reject` for its first line.

        Raises:
            ExportError: the file is not UTF-8.
        """
        wanted = COLUMNS[self._file]
        at = {name: self._header.index(name) for name in wanted}
        id_at = at["external_id"]
        while True:
            begin = self._line + 1
            cells = self._record()
            if cells is None:
                return
            if isinstance(cells, str):
                yield Reject("", self._file, begin, "", cells)
            elif not cells:
                continue  # an empty line says nothing and harms nothing
            elif len(cells) != self._width:
                external_id = cells[id_at] if id_at < len(cells) else ""
                reason = f"row has {len(cells)} columns instead of {self._width}"
                yield Reject(external_id, self._file, begin, "", reason)
            else:
                yield RawRow(begin, {name: cells[index] for name, index in at.items()})

    def _read_header(self) -> list[str]:
        head = self._stream.read(4)
        self._stream.seek(0)
        if head.startswith(_WIDE_BOMS):
            raise ExportError(self._file, 1, "is UTF-16 or UTF-32; save it as UTF-8")
        if head.startswith(codecs.BOM_UTF8):
            self._stream.seek(len(codecs.BOM_UTF8))
        cells = self._record()
        if cells is None:
            raise ExportError(self._file, None, "is empty; the first line must name the columns")
        if isinstance(cells, str):
            raise ExportError(self._file, 1, f"the header cannot be read: {cells}")
        names = [cell.strip() for cell in cells]
        missing = [name for name in COLUMNS[self._file] if name not in names]
        if missing and len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            raise ExportError(self._file, 1, "columns must be separated by commas")
        if missing:
            raise ExportError(self._file, 1, f"missing columns: {', '.join(missing)}")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ExportError(self._file, 1, f"columns named twice: {', '.join(twice)}")
        return names

    def _next_line(self) -> str | None:
        """The next physical line with its end, "" at the end of the file, None for one that is too long."""
        if self._ahead:
            self._line += 1
            return self._ahead.popleft()
        raw = self._stream.readline(MAX_LINE_BYTES)
        if not raw:
            return ""
        self._line += 1
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            while (raw := self._stream.readline(MAX_LINE_BYTES)) and not raw.endswith(b"\n"):
                pass
            return None
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 (byte {error.start + 1} of the line); save it as UTF-8"
            raise ExportError(self._file, self._line, message) from error

    def _give_back(self, lines: list[str | None]) -> None:
        self._ahead.extendleft(reversed(lines))
        self._line -= len(lines)

    def _record(self) -> list[str] | str | None:
        """The cells of the next record, a reason why its first line is unreadable, or None at the end."""
        first = self._next_line()
        if first == "":
            return None
        if first is None:
            return LINE_TOO_LONG
        lines: list[str | None] = [first]
        quotes, chars = first.count('"'), len(first)
        while quotes % 2 and len(lines) < MAX_RECORD_LINES and chars < MAX_RECORD_CHARS:
            more = self._next_line()
            if more == "":
                break
            lines.append(more)
            if more is None:
                break
            quotes += more.count('"')
            chars += len(more)
        texts = [line for line in lines if line is not None]
        reader = csv.reader(texts, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            self._give_back(lines[1:])
            return BROKEN_QUOTES if '"' in first else LONE_RETURN
        used = reader.line_num
        if used > 1 and (len(texts) < len(lines) or len(cells) != self._width):
            # Quotes that close somewhere further down have tied unrelated rows together.
            self._give_back(lines[1:])
            return BROKEN_QUOTES
        self._give_back(lines[used:])
        return cells
