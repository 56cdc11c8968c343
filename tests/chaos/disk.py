"""A small disk of its own, so that it can be filled without hurting anybody else."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BALLAST: Final = "ballast"
_SMALLEST: Final = 4_096  # bytes; less does not matter
_SIZE: Final = 4_000_000_000  # bytes of the image; only what is written takes room on the disk below


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted file system.

    Attributes:
        folder: where it is mounted.
    """

    folder: Path

    def fill(self) -> int:
        """Take all room there is; how many bytes that were."""
        ballast, taken = self.folder / _BALLAST, 0
        with ballast.open("ab") as file:
            step = os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize
            while step >= _SMALLEST:
                try:
                    os.posix_fallocate(file.fileno(), taken, step)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    step //= 2
                else:
                    taken += step
        return taken

    def empty(self) -> None:
        """Give the room back."""
        (self.folder / _BALLAST).unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk | None]:
    """A disk mounted below the folder; None where this account or machine cannot mount one."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        yield None
        return
    image, mounted = folder / "disk.img", folder / "disk"
    with image.open("wb") as file:
        file.truncate(_SIZE)
    mounted.mkdir()
    # Nothing is kept back for root: whoever writes finds it full.
    done = subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], capture_output=True, check=False)
    if done.returncode == 0:
        mount = ["mount", "-o", "loop", str(image), str(mounted)]
        done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode != 0:
        image.unlink()
        yield None
        return
    try:
        yield Disk(mounted)
    finally:
        subprocess.run(["umount", str(mounted)], check=True, capture_output=True)
        image.unlink()
