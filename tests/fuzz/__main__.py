"""python -m tests.fuzz READER --runs N --seconds S: looks for bytes that a reader does not stand. Linux; needs atheris.

What it finds lies in tests/fuzz/found/, the traceback goes to standard error, and the exit code is not 0.
"""

import argparse
import io
import re
import sys
import tempfile
import warnings
from contextlib import redirect_stderr
from pathlib import Path

from tests.fuzz.packing import PART
from tests.fuzz.seeds import SEEDS

FOUND = Path(__file__).parent / "found"
WORD = re.compile(rb"[A-Za-z][\w:.-]{2,}")
SECONDS_AT_MOST, MIB_AT_MOST = 10, 2_048  # for one input


def main() -> None:
    asked = _arguments()
    try:
        import atheris
    except ImportError:
        sys.exit("fuzz: atheris is not installed; it exists for Python 3.11 to 3.13 on Linux: make fuzz")
    names_of_modules = io.StringIO()
    with redirect_stderr(names_of_modules), atheris.instrument_imports(include=["notifycli.intake"]):
        from tests.fuzz.targets import TARGETS
    warnings.simplefilter("ignore")  # of zipfile, when the same name is written twice
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds = _written_seeds(asked.reader, Path(folder))
        corpora = [asked.corpus, seeds] if asked.corpus else [seeds]
        atheris.Setup([sys.argv[0], *_options(asked, Path(folder)), *map(str, corpora)], TARGETS[asked.reader])
        atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz one reader.")
    parser.add_argument("reader", choices=SEEDS)
    parser.add_argument("--runs", type=int, default=-1, help="inputs to try; without end where it is not given")
    parser.add_argument("--seconds", type=int, default=0, help="stop after so many; 0 for never")
    parser.add_argument("--seed", type=int, default=0, help="the same runs each time; 0 for other ones each time")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps inputs of interest from one time to the next")
    return parser.parse_args()


def _written_seeds(reader: str, folder: Path) -> Path:
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, content in enumerate(SEEDS[reader]):
        (seeds / str(number)).write_bytes(content)
    return seeds


def _options(asked: argparse.Namespace, folder: Path) -> list[str]:
    words = {PART, *(word for content in SEEDS[asked.reader] for word in WORD.findall(content))}
    dictionary = folder / "words"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in sorted(words)), encoding="ascii")
    return [
        f"-runs={asked.runs}",
        f"-max_total_time={asked.seconds}",
        f"-seed={asked.seed}",
        f"-dict={dictionary}",
        f"-timeout={SECONDS_AT_MOST}",
        f"-rss_limit_mb={MIB_AT_MOST}",
        f"-artifact_prefix={FOUND}/{asked.reader}-",
        "-max_len=8192",
        "-print_final_stats=1",
        "-verbosity=0",
    ]


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
