"""The command line itself: what goes where, and with which exit status."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from cli import app, mails, stack
from cli.output import CommandFailed
from sandbox.mail_pages import list_page, mail_page
from sandbox.mailbox import Mailbox


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setenv("FRISTWERK_STATE", str(tmp_path))
    return Mailbox(tmp_path / "mails")


def _mail(subject: str, text: str, html: str | None = None) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "fristwerk@example.org", "anna@example.org", subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def test_help_lists_commands_and_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    app.build()(["--help"], result_action="return_value")
    shown = capsys.readouterr().out
    for command in ("up", "status", "stop", "migrate", "mails"):
        assert command in shown


def test_a_command_is_found_where_it_is_said_to_be() -> None:
    for command in app.MODULES:
        assert command in set(app.build(command)), f"{command} is not in {app.MODULES[command]}"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--version"], 0),
        (["no-such-command"], 2),
        (["status", "--no-such-option"], 2),
        (["status"], 1),
        (["stop"], 0),
    ],
)
def test_exit_status(
    arguments: list[str], status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRISTWERK_STATE", str(tmp_path / "nothing-here"))
    monkeypatch.setattr("sys.argv", ["fristwerk", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert (ended.value.code or 0) == status


def test_a_failed_command_says_why_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["fristwerk", "mails", "7"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (1, "")
    assert "There is no mail 7." in shown.err


def test_mails_are_listed_and_read(mailbox: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    mailbox.add(_mail("[erste] Frist", "Hallo Anna"), ["anna@example.org"])
    mailbox.add(_mail("zweite", "Noch ein Gruß"), ["bert@example.org", "carla@example.org"])
    assert mails.mails() == 0
    listed = capsys.readouterr().out
    assert listed.index("zweite") < listed.index("[erste] Frist")
    assert mails.mails(1) == 0
    assert "Hallo Anna" in capsys.readouterr().out
    assert mails.mails(json=True, last=1) == 0
    (newest,) = json.loads(capsys.readouterr().out)
    assert newest["recipients"] == ["bert@example.org", "carla@example.org"]
    assert mails.mails(2, json=True) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Noch ein Gruß\n"
    with pytest.raises(CommandFailed):
        mails.mails(3)


def test_status_of_nothing_is_json_too(
    mailbox: Mailbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.status(json=True) == 1
    assert json.loads(capsys.readouterr().out) == {"running": False, "state": str(tmp_path)}


def test_the_pages_escape_what_a_mail_says(mailbox: Mailbox) -> None:
    evil = "<script>alert(1)</script>"
    mailbox.add(_mail(evil, evil, f"<p>{evil}</p>"), [f"{evil}@example.org"])
    (mail,) = mailbox.newest(5)
    for page in (list_page([mail], 1), mail_page(mail)):
        assert evil not in page
    assert 'sandbox=""' in mail_page(mail)
    assert "0 mails" in list_page([], 0)


def test_a_mailbox_can_be_emptied_and_counts_on(mailbox: Mailbox) -> None:
    assert mailbox.numbers() == []
    assert [mailbox.add(_mail("a", "b"), []), mailbox.add(_mail("c", "d"), [])] == [1, 2]
    assert mailbox.clear() == 2
    assert mailbox.newest(3) == []
