"""The supervisor on its own, with children that only sleep."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.stack.running import PROJECT, eventually


class Running:
    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.output = folder / "output"
        with self.output.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.stack.children", str(folder), mode],
                cwd=PROJECT,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> "Running":
        eventually(lambda: "ready 0" in self.said(), "ready")
        return self

    def child(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "pids").read_text().split()[0]))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_of_asking_ends_it(tmp_path: Path, how: signal.Signals) -> None:
    running = Running(tmp_path, "steady").ready()
    child = running.child()
    running.process.send_signal(how)
    assert running.process.wait(120) == 0
    assert not child.is_running()
    assert "step done" in running.said()


def test_a_dead_child_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    running = Running(tmp_path, "steady").ready()
    first = running.child()
    first.kill()
    eventually(lambda: "child is back" in running.said(), "back")
    assert running.child().pid != first.pid
    assert "child has died (killed by SIGKILL); it is started again in 0.2 s." in running.said()
    running.process.terminate()
    assert running.process.wait(120) == 0


def test_five_deaths_within_a_minute_end_everything(tmp_path: Path) -> None:
    running = Running(tmp_path, "frail")
    assert running.process.wait(120) == 1
    assert "child has died 5 times within a minute, the last time exit status 3" in running.said()
    assert "my last words" in running.said()


def test_a_child_that_never_answers_ends_everything(tmp_path: Path) -> None:
    running = Running(tmp_path, "mute")
    assert running.process.wait(120) == 1
    assert "child did not get ready within" in running.said()


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    running = Running(tmp_path, "stubborn").ready()
    child = running.child()
    running.process.terminate()
    assert running.process.wait(120) == 0
    assert not child.is_running()
    assert "child did not end within" in running.said()


def test_a_killed_supervisor_takes_its_children_with_it(tmp_path: Path) -> None:
    running = Running(tmp_path, "steady").ready()
    child = running.child()
    running.process.kill()
    assert child.wait(120) is not None or not child.is_running()
