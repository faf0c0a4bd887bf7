"""Periods by the names that people give them."""

import re
from datetime import date, timedelta

TERM = re.compile(r"^(\d{4})(?:-(?:Q([1-4])|H([12])))?$")


def term(name: str) -> tuple[date, date]:
    """The first and the last day of a year, a half year or a quarter: 2027, 2027-H1, 2027-Q3. Raises ValueError."""
    match = TERM.match(name)
    if match is None or not 2000 <= int(match[1]) < 2100:
        raise ValueError("write it as 2027, 2027-H1 or 2027-Q3")
    year = int(match[1])
    months = 3 if match[2] else 6 if match[3] else 12
    first = (int(match[2] or match[3] or 1) - 1) * months + 1
    following = first + months
    after = date(year + 1, 1, 1) if following > 12 else date(year, following, 1)
    return date(year, first, 1), after - timedelta(days=1)
