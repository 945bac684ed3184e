"""Recognises the headers of one call's files. Must not know rows. Source: SPEC section 3, its table."""

from collections.abc import Sequence
from contextlib import suppress

from notifycli.intake.importing.options import Options
from notifycli.intake.mapping.columns import Mapping as Header
from notifycli.intake.mapping.columns import NoKnownHeader, recognise


class Headers:
    """Each once under the names of each clinic, however many files bear it and whoever asks."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._recognised: dict[tuple[tuple[str, ...], str], Header] = {}

    def recognised(self, names: Sequence[str], whose: str) -> Header:
        """`whose`: the clinic whose own names count, "" for none. Raises NoKnownHeader."""
        options, known_by = self.options, (tuple(names), whose)
        if known_by not in self._recognised:
            own, is_given = options.own_columns.get(whose, {}), options.clinic is not None
            self._recognised[known_by] = recognise(names, options.kind, is_given, own, options.may_assume_consent)
        return self._recognised[known_by]

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether these are the columns of a known kind, by whatever names are known."""
        for whose in ("", *self.options.own_columns):
            with suppress(NoKnownHeader):
                self.recognised(cells, whose)
                return True
        return False
