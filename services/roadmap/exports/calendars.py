"""A view as iCalendar (RFC 5545): one all-day event for each feature that has a time to tell."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from services.roadmap.domain.views import ItemView, View
from services.roadmap.drawings.timeline import span_of

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT = "-//Fullcircle//Roadmap//EN"
STATUS = {"committed": "CONFIRMED", "planned": "TENTATIVE", "exploring": "TENTATIVE"}


def calendar(view: View) -> bytes:
    """A calendar to subscribe to: the same feature keeps its UID, so that a move is seen as one."""
    from icalendar import Calendar  # noqa: PLC0415 -- only this export pays for the library

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("name", view.title)
    made.add("x-wr-calname", view.title)
    for item in view.items:
        span = span_of(item)
        if span is not None:
            made.add_component(_event(view, item, *span))
    return bytes(made.to_ical())


def _event(view: View, item: ItemView, first: date, last: date) -> "Event":
    from icalendar import Event  # noqa: PLC0415

    event = Event()
    event.add("uid", f"{item.key}@roadmap.fullcircle")
    event.add("dtstamp", datetime.combine(view.as_of, time(), UTC))
    event.add("dtstart", first)
    # RFC 5545 3.6.1: the end of an all-day event is the day after its last.
    event.add("dtend", last + timedelta(days=1) if last < date.max else last)
    event.add("summary", item.title)
    event.add("status", STATUS[item.commitment])
    event.add("transp", "TRANSPARENT")
    event.add("categories", [view.heading(item.column)])
    words = "\n".join(part for part in (item.when, item.description, view.notice) if part)
    if words:
        event.add("description", words)
    return event
