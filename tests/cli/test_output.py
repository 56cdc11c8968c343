"""Whatever is written into a pipe: one row is one line, however long its words are."""

from __future__ import annotations

import pytest

from cli.output import err, out, table

LONG = " ".join(["Gasthof-zum-sehr-langen-Namen"] * 40)


def test_in_a_pipe_one_row_is_one_line_with_all_of_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table(LONG, "lead", "company", "owner", "city", "next deadline")
    for number in range(3):
        rows.add_row(str(number), LONG, "Anna Muster", LONG.replace(" ", ""), "in 12 days")
    for console, part in ((out(), "out"), (err(), "err")):
        console.print(rows, markup=False)
        console.print(f"and after it {LONG}", markup=False)
        lines = getattr(capsys.readouterr(), part).splitlines()
        title, _, *told, after = lines
        assert title.strip() == LONG
        assert [line.split()[0] for line in told] == ["0", "1", "2"]
        for line in told:
            assert all(word in line for word in (LONG, "Anna Muster", LONG.replace(" ", ""), "in 12 days"))
        assert after == f"and after it {LONG}"
