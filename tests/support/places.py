"""Where things stand: the repository, its tests, and what may lie beside it."""

from pathlib import Path

TESTS = Path(__file__).parents[1]
REPOSITORY = TESTS.parent
PACKAGE = REPOSITORY / "notifycli"
SHARED = REPOSITORY.parent / "shared"
