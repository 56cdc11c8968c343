"""A small supervised stack of sleeping children, as a process: what the supervisor does, without servers.

Called as: children.py FOLDER MODE; MODE is `steady`, `frail` (dies at once), `mute` (never ready) or
`stubborn` (does not listen to SIGTERM).
"""

import os
import sys
from pathlib import Path

from workers.embedded.errors import StackError
from workers.embedded.supervisor import ChildSpec, StopRequested, Supervisor

_LIVES = "import signal; signal.pause()"
_DIES = "import sys; sys.stderr.write('my last words\\n'); sys.exit(3)"
_DEAF = (
    "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "pathlib.Path(sys.argv[1]).touch(); [signal.pause() for _ in range(9)]"
)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    folder, mode = Path(sys.argv[1]), sys.argv[2]
    deaf_is_deaf = folder / "deaf"
    scripts = {"steady": _LIVES, "frail": _DIES, "mute": _LIVES, "stubborn": _DEAF}
    children: list[int] = []

    def changed() -> None:
        children[:] = [child.process.pid for child in supervisor.children]
        fresh = folder / "pids.new"
        fresh.write_text(" ".join(map(str, children)))
        fresh.replace(folder / "pids")

    supervisor = Supervisor(folder, say=_say, changed=changed)
    spec = ChildSpec(
        name="child",
        command=[sys.executable, "-c", scripts[mode], str(deaf_is_deaf)],
        where="nowhere",
        ready=lambda _: mode != "mute" and (mode != "stubborn" or deaf_is_deaf.exists()),
        environment=dict(os.environ),
        stop_seconds=0.5,
        ready_seconds=0.5 if mode == "mute" else 120,
    )
    try:
        with supervisor:
            supervisor.start(spec)
            step = supervisor.run("step", [sys.executable, "-c", "print('step done')"], os.environ, folder)
            _say(f"ready {step}{supervisor.tail('step')}")
            supervisor.watch()
    except StopRequested:
        _say("stopped")
        return 0
    except StackError as error:
        _say(str(error))
        return 1
    return 2


if __name__ == "__main__":
    sys.exit(main())
