"""What is read of a mail: whatever strangers send, it is read, and never fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.inbox.parsing import MOST_TEXT, Nature, parse, without_quotes
from tests.inbox.letters import bounce, letter

ASKED = "<mail-1@fristwerk.example>"


def test_a_mail_of_a_customer() -> None:
    mail = parse(letter("Jörg Müller <Joerg@Haus.example>", "Änderung", "Grüße\n", answers=ASKED))
    assert mail.nature is Nature.MAIL
    assert (mail.sender_name, mail.sender_address) == ("Jörg Müller", "joerg@haus.example")
    assert (mail.subject, mail.text) == ("Änderung", "Grüße")
    assert mail.linked == (ASKED,)
    assert mail.message_id.startswith("<")


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ({"Auto_Submitted": "auto-replied"}, Nature.AUTOMATIC),
        ({"Auto_Submitted": "auto-generated; owner-email=x"}, Nature.AUTOMATIC),
        ({"Auto_Submitted": "no"}, Nature.MAIL),
        ({"X_Autoreply": "yes"}, Nature.AUTOMATIC),
        ({"Precedence": "auto_reply"}, Nature.AUTOMATIC),
        ({"Precedence": "bulk"}, Nature.NEWSLETTER),
        ({"List_Unsubscribe": "<mailto:off@x.example>"}, Nature.NEWSLETTER),
        ({"List_Id": "news.x.example", "In_Reply_To": ASKED}, Nature.MAIL),
        ({}, Nature.MAIL),
    ],
)
def test_what_programs_send_is_told_apart(headers: dict[str, str], nature: Nature) -> None:
    assert parse(letter(**headers)).nature is nature


@pytest.mark.parametrize("subject", ["Abwesenheitsnotiz: Angebot", "Automatic reply: offer"])
def test_programs_that_do_not_say_so_are_known_by_their_subject(subject: str) -> None:
    assert parse(letter(subject=subject)).nature is Nature.AUTOMATIC


def test_a_bounce_names_our_mail_and_whether_it_is_final() -> None:
    mail = parse(bounce(ASKED))
    assert mail.nature is Nature.BOUNCE
    assert mail.bounce is not None
    assert (mail.bounce.failed, mail.bounce.code, mail.bounce.recipient) == (
        True,
        "5.1.1",
        "agent@nowhere.example",
    )
    assert mail.linked == (ASKED,)
    still_tried = parse(bounce(ASKED, action="delayed", status="4.4.1")).bounce
    assert still_tried is not None
    assert not still_tried.failed


def test_a_read_receipt_is_no_bounce() -> None:
    receipt = (
        b"From: a@b.example\r\nSubject: read\r\nContent-Type: multipart/report; "
        b'report-type=disposition-notification; boundary="x"\r\n\r\n--x\r\n\r\nRead.\r\n--x--\r\n'
    )
    assert parse(receipt).nature is Nature.AUTOMATIC


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            b"From: a@b.example\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n",
            "Grüße",
        ),
        (
            b"From: a@b.example\r\nContent-Type: text/plain; charset=no-such\r\n\r\nGr\xc3\xbc\xc3\x9fe",
            "Grüße",
        ),
        (b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdfe", "Grüße"),
        (b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n\xff", "ÿ"),
        (
            b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!SGFsbG8=",
            "Hallo",
        ),
        (
            b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>Hallo&nbsp;Welt<br>da",
            "Hallo\xa0Welt\nda",
        ),
        (
            b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ninside",
            "inside",
        ),
        (b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nno border", ""),
        # Python's own, which make half a pair of surrogates of it, or take minutes.
        (b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nx +2AA- y", "x +2AA- y"),
        (
            b"From: a@b.example\r\nContent-Type: text/plain; charset=Unicode_Escape\r\n\r\nx \\ud800",
            "x \\ud800",
        ),
        (b"From: a@b.example\r\nContent-Type: text/plain; charset=punycode\r\n\r\nx-0ga", "x-0ga"),
        (b"From: a@b.example\r\n\r\nwith \x00 and \x1b[31m\r\n", "with  and [31m"),
    ],
)
def test_odd_charsets_and_broken_parts(content: bytes, text: str) -> None:
    assert parse(content).text == text


def test_addresses_are_read_before_words_are_decoded() -> None:
    """A name that decodes to an address, or to a second header, stays a name."""
    planted = parse(b"From: =?utf-8?q?boss=40ours.example=3E=0D=0ABcc=3A_x?= <a@b.example>\r\n\r\nx")
    assert planted.sender_address == "a@b.example"
    assert "\n" not in planted.sender_name


def test_words_of_no_charset_can_be_written_down() -> None:
    mail = parse(b"From: =?utf-7?q?+2AA-?= <a@b.example>\r\nSubject: =?unicode_escape?q?=5Cud800?=\r\n\r\nx")
    assert (mail.nature, mail.sender_name, mail.subject) == (Nature.MAIL, "+2AA-", "\\ud800")


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\x00\x01", b"Subject:\r\n\r\n"])
def test_what_says_nothing_is_unreadable(content: bytes) -> None:
    assert parse(content).nature is Nature.UNREADABLE


@pytest.mark.parametrize(
    "head", [b"Content-type:;charset*\r\x80", b"Content-Type: text/plain; charset*=x\r\n"]
)
def test_headers_the_library_stumbles_over_are_read_past(head: bytes) -> None:
    assert parse(b"From: a@b.example\r\n" + head + b"\r\n\r\n\x80").sender_address == "a@b.example"


def test_a_huge_text_is_cut() -> None:
    assert len(parse(letter(text="x" * 5 * MOST_TEXT)).text) == MOST_TEXT


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(
            st.sampled_from(
                [
                    b"From: =?utf-8?b?////?= <a@b>", b"From: \"<@,;", b"Subject: =?x?q?=",
                    b"Subject: \xff\xfe",
                    b"Content-Type: multipart/report; boundary=", b"Content-Type: message/rfc822",
                    b"Content-Type: message/delivery-status", b"Content-Type: text/html; charset*=x'y'z",
                    b"Content-Transfer-Encoding: uuencode", b"Content-Transfer-Encoding: base64", b"",
                    b"References: <<<>>> <a@b> <a@b", b"<!DOCTYPE [<![CDATA[", b"--", b"Action: failed",
                    b"Content-Disposition: attachment; filename*0*=x", b"Date: \x00",
                    b"Content-Type: text/plain; charset=u7", b"Subject: =?utf-7?q?+2AA-?=",
                    b"From: =?unicode_escape?q?\\ud800?= <a@b.example>", b"x +2AA- \\ud800",
                ]
            ),
            max_size=12,
        ).map(b"\r\n".join),
    )
)  # fmt: skip
def test_nothing_makes_reading_fail(content: bytes) -> None:
    mail = parse(content)
    for text in (mail.text, mail.subject, mail.sender_name, mail.sender_address, *mail.linked, mail.date):
        assert text.encode().decode() == text


def test_what_is_quoted_is_left_out() -> None:
    said = "Gerne am Montag.\n\nAm 3. November 2026 um 10:00 schrieb Anna:\n> Passt es?\n> Anna"
    assert without_quotes(said) == "Gerne am Montag."
    assert without_quotes("> nur Zitat") == "> nur Zitat"
