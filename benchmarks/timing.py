"""Times a whole process from outside: wall seconds and peak memory, as the operating system counts them."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Timing:
    """`seconds` of wall time, `peak` memory in MiB."""

    seconds: float
    peak: float


def timed(command: Sequence[str], *, cwd: str, input_text: str | None = None, exits: Sequence[int] = (0,)) -> Timing:
    """Runs a command to its end; its output is thrown away. Raises RuntimeError for another exit code."""
    stdin = subprocess.PIPE if input_text is not None else subprocess.DEVNULL
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if process.stdin is not None:
        process.stdin.write((input_text or "").encode())
        process.stdin.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in exits:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return Timing(seconds, usage.ru_maxrss / 1024)


def median_of(timings: Sequence[Timing]) -> Timing:
    return Timing(median(one.seconds for one in timings), max(one.peak for one in timings))
