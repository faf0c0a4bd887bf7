"""What has shipped, as an Atom feed (RFC 4287)."""

from datetime import date
from xml.etree import ElementTree as ET

from services.chassis.drawings.legible import make_legible
from services.roadmap.domain.views import ItemView, View
from services.roadmap.exports.words import outcome

ATOM = "http://www.w3.org/2005/Atom"
MOST_ENTRIES = 100


def release_feed(view: View, *, feed_id: str, address: str = "") -> bytes:
    """The newest first; a feature that shipped in a blurred period is dated by the period's first day."""
    shipped = [item for item in view.column("shipped") if item.shipped][:MOST_ENTRIES]
    root = ET.Element("feed", {"xmlns": ATOM})
    newest = max((item.shipped.first for item in shipped if item.shipped), default=view.as_of)
    _put(root, "id", f"urn:fullcircle:releases:{feed_id}")
    _put(root, "title", f"{view.title}: release notes")
    _put(root, "updated", _moment(newest))
    _put(ET.SubElement(root, "author"), "name", view.title)
    _put(root, "generator", "Fullcircle")
    if address:
        ET.SubElement(root, "link", {"rel": "self", "href": address})
    for item in shipped:
        _entry(root, item)
    make_legible(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode()


def _entry(root: ET.Element, item: ItemView) -> None:
    if item.shipped is None:
        return
    entry = ET.SubElement(root, "entry")
    _put(entry, "id", f"urn:fullcircle:release:{item.key}")
    _put(entry, "title", item.title)
    _put(entry, "updated", _moment(item.shipped.first))
    outcomes = [f"{outcome(each)}." for each in item.results]
    words = "\n\n".join(part for part in (item.description, *outcomes, f"Shipped: {item.when}.") if part)
    ET.SubElement(entry, "content", {"type": "text"}).text = words


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
