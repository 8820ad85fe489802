"""Run a program from start to end and say what it took."""

import os
import statistics
import sys
import time
from dataclasses import dataclass

# ru_maxrss counts KiB on Linux and bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A program that was to be measured did not succeed."""


@dataclass(frozen=True)
class Run:
    """One whole process: seconds, seconds of all its threads, bytes."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Spread:
    """The median of some measurements, and how far they lie apart."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        """Summarise a list of numbers."""
        values = list(values)
        return cls(statistics.median(values), min(values), max(values))


def run(command, log):
    """Run a command with its output in a file; wall time from spawn to reaped child.

    Time and memory are what the kernel counted for the child (wait4). The kernel lets a child
    begin with its parent's peak memory, so the parent must stay small: see `smallest_peak`.
    """
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code:
        with open(log, encoding="utf-8", errors="replace") as file:
            said = file.read()[-2000:].strip()
        raise Failed(f"{' '.join(command)}\nended with {code}:\n{said}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_UNIT)


def smallest_peak():
    """The peak memory that is measured for a program that does nothing."""
    return run(["true"], os.devnull).peak
