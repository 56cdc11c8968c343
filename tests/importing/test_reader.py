"""Files that are not what they should be: a clear word, the right line, nothing else lost."""

from pathlib import Path

import pytest

from cli.importing.reader import BROKEN_QUOTES, LINE_TOO_LONG, LONE_RETURN, MAX_LINE_BYTES, CsvFile
from cli.importing.shapes import COLUMNS, ExportError, RawRow, Reject, SourceFile

HEADER = ",".join(COLUMNS[SourceFile.CONVERSIONS])


def put(folder: Path, content: bytes | str) -> Path:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / SourceFile.CONVERSIONS).write_bytes(data)
    return folder


def read(folder: Path) -> list[tuple[int, str] | tuple[int, str, str]]:
    source = CsvFile(folder, SourceFile.CONVERSIONS)
    seen: list[tuple[int, str] | tuple[int, str, str]] = []
    for record in source.records():
        match record:
            case RawRow():
                seen.append((record.line, record.values["external_id"]))
            case Reject():
                seen.append((record.line, record.external_id, record.reason))
    source.close()
    return seen


def refusal(folder: Path) -> ExportError:
    with pytest.raises(ExportError) as caught:
        read(folder)
    return caught.value


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "is empty"),
        (b"\n", 1, "missing columns"),
        ("external_id,customer_no\n", 1, "missing columns: converted_at"),
        ("external_id;converted_at;customer_no\n", 1, "separated by commas"),
        (f"{HEADER},external_id\n", 1, "columns named twice: external_id"),
        (f"{HEADER}\nA,B,C\n".encode("utf-16"), 1, "UTF-16"),
        (f"{HEADER}\nA,2026,x\nB,M\xfcller,x\n".encode("latin-1"), 3, "not UTF-8 (byte 4"),
        (bytes(range(128, 256)) * 50, 1, "not UTF-8"),
        (b"\x00\x01\x02" * 1000, 1, "missing columns"),
        (f'"{HEADER}\n', 1, "header cannot be read"),
        (HEADER.replace(",", ",\r") + "\rA,B,C\r", 1, "header cannot be read"),
    ],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(
    tmp_path: Path, content: bytes | str, line: int | None, words: str
) -> None:
    error = refusal(put(tmp_path, content))
    assert (error.file, error.line) == (SourceFile.CONVERSIONS, line)
    assert words in str(error)


def test_a_missing_file_and_a_folder_in_its_place(tmp_path: Path) -> None:
    assert "cannot be opened" in str(refusal(tmp_path))
    (tmp_path / SourceFile.CONVERSIONS).mkdir()
    assert "cannot be opened" in str(refusal(tmp_path))


def test_only_a_header(tmp_path: Path) -> None:
    assert read(put(tmp_path, HEADER)) == []


def test_byte_order_mark_line_ends_blank_lines_and_surplus_columns(tmp_path: Path) -> None:
    content = f"\ufeffextra,{HEADER}\r\nx,A,t,n\r\n\r\n\nx,B,t,n\nx,C,t,n"
    source = CsvFile(put(tmp_path, content), SourceFile.CONVERSIONS)
    assert source.surplus == ("extra",)
    source.close()
    assert read(tmp_path) == [(2, "A"), (5, "B"), (6, "C")]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    source = CsvFile(
        put(tmp_path, "customer_no,external_id,converted_at\nK1,A,now\n"), SourceFile.CONVERSIONS
    )
    (row,) = source.records()
    source.close()
    assert isinstance(row, RawRow)
    assert row.values == {"external_id": "A", "converted_at": "now", "customer_no": "K1"}


def test_a_record_over_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    content = f'{HEADER}\nA,t,"one\ntwo ""quoted""\n"\nB,t,n\n'
    assert read(put(tmp_path, content)) == [(2, "A"), (5, "B")]


def test_ragged_rows_are_listed_and_the_others_read(tmp_path: Path) -> None:
    content = f"{HEADER}\nA,t\nB,t,n\nC,t,n,more\nD,t,n\n"
    assert read(put(tmp_path, content)) == [
        (2, "A", "row has 2 columns instead of 3"),
        (3, "B"),
        (4, "C", "row has 4 columns instead of 3"),
        (5, "D"),
    ]


def test_a_forgotten_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    content = f'{HEADER}\nA,t,n\nB,t,"no end\nC,t,n\nD,t,n\n'
    assert read(put(tmp_path, content)) == [(2, "A"), (3, "", BROKEN_QUOTES), (4, "C"), (5, "D")]


def test_two_forgotten_quotes_do_not_tie_the_rows_between_together(tmp_path: Path) -> None:
    content = f'{HEADER}\nA,"t,n\nB,t,n\nC,t,"n\nD,t,n\n'
    assert read(put(tmp_path, content)) == [
        (2, "", BROKEN_QUOTES),
        (3, "B"),
        (4, "", BROKEN_QUOTES),
        (5, "D"),
    ]


def test_a_quote_within_a_bare_cell_is_a_letter(tmp_path: Path) -> None:
    content = f'{HEADER}\nA,t,5" pipe\nB,t,n\nC,t,"in" between\nD,t,n\n'
    assert read(put(tmp_path, content)) == [(2, "A"), (3, "B"), (4, "", BROKEN_QUOTES), (5, "D")]


def test_a_forgotten_quote_in_a_long_file_stays_cheap(tmp_path: Path) -> None:
    rows = "".join(f"X{n},t,n\n" for n in range(5000))
    seen = read(put(tmp_path, f'{HEADER}\nA,t,"no end\n{rows}'))
    assert seen[0] == (2, "", BROKEN_QUOTES)
    assert len(seen) == 5001
    assert seen[-1] == (5002, "X4999")


def test_a_carriage_return_within_a_row(tmp_path: Path) -> None:
    assert read(put(tmp_path, f"{HEADER}\nA,t\r,n\nB,t,n\n")) == [(2, "", LONE_RETURN), (3, "B")]


def test_a_line_beyond_all_measure_is_skipped_in_flat_memory(tmp_path: Path) -> None:
    long = "x" * (2 * MAX_LINE_BYTES + 17)
    content = f"{HEADER}\nA,t,{long}\nB,t,n\n"
    assert read(put(tmp_path, content)) == [(2, "", LINE_TOO_LONG), (3, "B")]


def test_a_field_of_a_million_characters_is_one_field(tmp_path: Path) -> None:
    assert read(put(tmp_path, f"{HEADER}\nA,t,{'x' * 10**6}\n")) == [(2, "A")]
