"""Figures that are out of date on a day: a list to work through, not a fault of the files.

Rule 1: a place's newest checked figure has ended, and no later one stands there.
Rule 2: what is published every year (pension bases, account interest, the death grant) is due some
        time after the day on which it usually comes out: `YEARLY`.
Rule 3: next year's holidays are due by the first of December.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from bot.engine.parameters import Figure, Parameter, Parameters
from bot.engine.workdays import WorkCalendar

# parameter → by which month and day of a year, the figure of which year (0: that year, -1: the last)
YEARLY = {
    "account_interest.rate": (9, 1, -1),  # the ministry publishes about June
    "pension_base.base": (12, 31, 0),  # provinces publish from September to December
    "work_injury.death_grant": (2, 1, 0),  # income of the last year, published in January
}
HOLIDAYS = (12, 1)


def outdated(parameters: Parameters, calendar: WorkCalendar, day: date) -> list[str]:
    """A line each, the ended ones of a place together."""
    return [*_ended(parameters, day), *_due(parameters, day), *_holidays(calendar, day)]


def _newest(parameter: Parameter) -> dict[str, Figure]:
    """The latest figure of each place that a citizen may see."""
    found: dict[str, Figure] = {}
    for figure in parameter.figures:
        if figure.confidence == "low":
            continue
        if figure.region not in found or figure.since > found[figure.region].since:
            found[figure.region] = figure
    return found


def _ended(parameters: Parameters, day: date) -> Iterator[str]:
    ended: dict[tuple[str, str, date], list[str]] = defaultdict(list)
    for name, parameter in parameters.by_name.items():
        topic, _, what = name.partition(".")
        for region, figure in _newest(parameter).items():
            if name not in YEARLY and figure.until and figure.until < day:
                ended[topic, region, figure.until].append(what)
    for (topic, region, until), names in sorted(ended.items()):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{topic} {region}: ended on {until}: {', '.join(names[:3])}{more}"


def _due(parameters: Parameters, day: date) -> Iterator[str]:
    for name, (month, of_month, back) in YEARLY.items():
        if name not in parameters:
            continue
        year = day.year + back - (day < date(day.year, month, of_month))
        late = {r: f for r, f in _newest(parameters[name]).items() if f.since.year < year}
        for since in sorted({f.since.year for f in late.values()}):
            regions = [r for r, f in late.items() if f.since.year == since]
            yield f"{name} {', '.join(regions)}: the newest is of {since}, that of {year} is due"


def _holidays(calendar: WorkCalendar, day: date) -> Iterator[str]:
    year = day.year + (day >= date(day.year, *HOLIDAYS))
    if not calendar.published(date(year, 6, 30)):
        yield f"holidays of {year}: not known yet; a new chinesecalendar is due"
