"""Times a whole process from outside: wall and processor seconds, peak memory, as the operating system counts them."""

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Timing:
    """`seconds` of wall time, `peak` memory in MiB, `cpu` seconds of user and system."""

    seconds: float
    peak: float
    cpu: float = 0.0


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
    return timing_of(seconds, usage)


def timing_of(seconds: float, usage: resource.struct_rusage) -> Timing:
    return Timing(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def median_of(timings: Sequence[Timing]) -> Timing:
    seconds, cpu = (median(getattr(timing, name) for timing in timings) for name in ("seconds", "cpu"))
    return Timing(seconds, max(timing.peak for timing in timings), cpu)
