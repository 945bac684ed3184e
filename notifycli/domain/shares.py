"""A share with its uncertainty. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927): the score interval."""

from typing import NamedTuple

Z_95 = 1.959964  # of the normal distribution: 2.5% beyond it on either side


class Interval(NamedTuple):
    """From 0 to 1."""

    low: float
    high: float


def wilson_interval(number: int, of: int) -> Interval:
    """In which the true share lies, with 95% confidence, where `number` of `of` were counted; 0 to 1 of none."""
    if not of:
        return Interval(0.0, 1.0)
    share, z2 = number / of, Z_95 * Z_95
    middle = share + z2 / (2 * of)
    half = Z_95 * (share * (1 - share) / of + z2 / (4 * of * of)) ** 0.5
    low, high = ((middle + side) / (1 + z2 / of) for side in (-half, half))
    return Interval(0.0 if number == 0 else low, 1.0 if number == of else high)
