"""How the exports of other tools are read: a record of theirs becomes a document of ours.

Fider's columns are those of its own export (getfider/fider, app/pkg/csv), the Play Console's those of its monthly
report of reviews; Intercom's and GitHub's are the members that their REST APIs answer with. Canny and Productboard name
their columns as their users chose to export them: the usual names are known here, any other is told by a mapping.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

Document = dict[str, Any]

PLAIN = frozenset(
    {
        "text", "title", "external_id", "occurred_at", "channel", "source_url", "product_area", "importance",
        "rating", "rating_best", "contact.email", "contact.name", "contact.external_id", "company.domain",
        "company.name", "company.external_id", "author.email", "author.name", "author.external_id",
    }
)  # fmt: skip
TARGET = re.compile(r"^(?:metadata\.[^.]{1,64}|custom_fields\.[a-z][a-z0-9_]{0,62})$")
NUMBERS = frozenset({"importance", "rating", "rating_best"})
LONGEST_ENTRY = 500
LONGEST_TITLE = 200
LONGEST_TEXT = 100_000


@dataclass(frozen=True)
class Tool:
    """What is known of a tool's export."""

    is_table: bool
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


TOOLS: Mapping[str, Tool] = {
    "csv": Tool(is_table=True),
    "canny": Tool(
        is_table=True,
        columns={
            "text": ("details", "description", "post_details"),
            "title": ("title", "post_title"),
            "external_id": ("post_id", "id"),
            "source_url": ("url", "post_url", "link"),
            "occurred_at": ("created", "created_at", "created_date", "date"),
            "contact.email": ("author_email", "user_email", "email"),
            "contact.name": ("author_name", "author", "user_name"),
            "contact.external_id": ("author_id", "user_id"),
            "company.name": ("company", "company_name", "author_company"),
            "product_area": ("category", "board"),
            "metadata.status": ("status",),
            "metadata.votes": ("votes", "vote_count", "score"),
        },
        fixed={"channel": "community"},
    ),
    "productboard": Tool(
        is_table=True,
        columns={
            "text": ("content", "note_text", "text", "note", "description"),
            "title": ("title", "note_title", "name"),
            "external_id": ("id", "note_id", "source_record_id"),
            "source_url": ("display_url", "source_url", "url", "external_display_url"),
            "occurred_at": ("created_at", "created", "date"),
            "contact.email": ("user_email", "customer_email", "email"),
            "contact.name": ("user_name", "user", "customer"),
            "company.domain": ("company_domain", "domain"),
            "company.name": ("company_name", "company"),
            "author.email": ("created_by_email", "owner_email"),
            "metadata.tags": ("tags",),
            "metadata.origin": ("source_origin", "source", "origin"),
        },
    ),
    "fider": Tool(
        is_table=True,
        columns={
            "text": ("description",),
            "title": ("title",),
            "external_id": ("number",),
            "occurred_at": ("created_at",),
            "metadata.author": ("created_by",),
            "metadata.status": ("status",),
            "metadata.votes": ("total_votes",),
            "metadata.tags": ("tags",),
        },
        fixed={"channel": "community"},
    ),
    "app_reviews": Tool(
        is_table=True,
        columns={
            "text": ("review_text", "review", "body", "content", "text"),
            "title": ("review_title", "title"),
            "external_id": ("review_id", "review_link", "id"),
            "source_url": ("review_link", "url"),
            "occurred_at": ("review_submit_date_and_time", "submission_date", "created_date", "date"),
            "rating": ("star_rating", "rating", "stars"),
            "metadata.version": ("app_version_name", "version", "app_version"),
            "metadata.language": ("reviewer_language", "language"),
            "metadata.device": ("device",),
            "metadata.territory": ("territory", "country", "storefront"),
        },
        fixed={"channel": "app_review"},
    ),
    "github": Tool(is_table=False),
    "intercom": Tool(is_table=False),
}


def column_key(name: str) -> str:
    """A column's name without case and marks: `Review Text` and `review_text` are one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def is_target(name: str) -> bool:
    """Whether a mapping may fill this."""
    return name in PLAIN or TARGET.match(name) is not None


def read_table_row(row: Mapping[str, str], tool: Tool, mapping: Mapping[str, str]) -> Document | None:
    """A row of a table as feedback; None where it says nothing. The caller's mapping goes before the usual names."""
    by_key = {column_key(name): value for name, value in row.items()}
    values = dict(tool.fixed)
    for target, names in tool.columns.items():
        found = next((by_key[name] for name in names if by_key.get(name, "").strip()), None)
        if found is not None:
            values[target] = found
    for target, name in mapping.items():
        if row.get(name, "").strip():
            values[target] = row[name]
    if not any(str(values.get(name, "")).strip() for name in ("text", "title")):
        return None
    return _document(values)


def read_github(record: Mapping[str, Any]) -> Document | None:
    """An issue, as the REST API or the `gh` program writes it; None for a pull request."""
    if record.get("pull_request") or "/pull/" in str(record.get("html_url") or record.get("url") or ""):
        return None
    person = record.get("user") or record.get("author") or {}
    url = record.get("html_url") or record.get("url")
    login = person.get("login") if isinstance(person, Mapping) else None
    labels = [each.get("name") if isinstance(each, Mapping) else each for each in record.get("labels") or []]
    values: dict[str, Any] = {
        "text": record.get("body") or "",
        "title": record.get("title"),
        "external_id": url or record.get("number"),
        "source_url": url,
        "occurred_at": record.get("created_at") or record.get("createdAt"),
        "contact.external_id": login,
        "contact.name": login,
        "channel": "community",
        "metadata.state": record.get("state"),
        "metadata.labels": ", ".join(str(each) for each in labels if each),
    }
    return _document(values)


def read_intercom(record: Mapping[str, Any]) -> Document | None:
    """A conversation: what the customer wrote in it; None where they wrote nothing."""
    source = record.get("source") or {}
    author = source.get("author") or {}
    parts = (record.get("conversation_parts") or {}).get("conversation_parts") or []
    said = [source.get("body")] if author.get("type") not in {"admin", "bot", "team"} else []
    for part in parts:
        writer = part.get("author") or {}
        if writer.get("type") in {"user", "lead", "contact"} and part.get("body"):
            said.append(part["body"])
            author = author if author.get("type") not in {"admin", "bot", "team"} else writer
    text = "\n\n".join(words for words in (text_of_html(each) for each in said if each) if words)
    if not text:
        return None
    values: dict[str, Any] = {
        "text": text[:LONGEST_TEXT],
        "title": text_of_html(source.get("subject") or record.get("title") or ""),
        "external_id": record.get("id"),
        "source_url": source.get("url"),
        "occurred_at": record.get("created_at"),
        "contact.external_id": author.get("id"),
        "contact.email": author.get("email"),
        "contact.name": author.get("name"),
        "channel": "support",
        "metadata.state": record.get("state"),
    }
    return _document(values)


def text_of_html(html: str) -> str:
    """The words of a fragment of HTML, a line for each block."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    return "\n".join(line for line in lines if line)


def derived_id(document: Mapping[str, Any], *, before: int) -> str:
    """An id for a record without one: the same record in the same file gets it again.

    `before` counts the records above it that say exactly the same.
    """
    said = json.dumps(document, sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()[:40]}:{before}"


def _document(values: Mapping[str, Any]) -> Document:
    """Targets as the members of a document; without a text the title says it all."""
    document: Document = {}
    for target, value in values.items():
        known = _value(target, value)
        if known is None:
            continue
        group, _, name = target.partition(".")
        if name:
            document.setdefault(group, {})[name] = known
        else:
            document[target] = known
    title = document.get("title")
    if not document.get("text", "").strip() and title:
        document["text"] = title
    if title:
        document["title"] = title[:LONGEST_TITLE].strip()
    if "rating" in document:
        document["rating"] = {"value": document["rating"], "best": document.pop("rating_best", 5)}
    document.pop("rating_best", None)
    for who, names in (("contact", ("email", "external_id")), ("company", ("domain", "external_id"))):
        _keep_identified(document, who, names)
    _keep_identified(document, "author", ("email", "external_id"))
    return document


def _keep_identified(document: Document, who: str, names: Sequence[str]) -> None:
    """Who is known by name alone cannot be found again: the name becomes their own entry in metadata."""
    named = document.get(who)
    if named and not any(named.get(name) for name in names):
        document.setdefault("metadata", {})[who] = named["name"][:LONGEST_ENTRY]
        del document[who]


def _value(target: str, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if target == "occurred_at":
        return _moment(value)
    if target in NUMBERS:
        return _number(value)
    if target == "text" or target.startswith("custom_fields."):
        return value
    text = str(value).strip()
    if target == "channel":
        return column_key(text)
    return text[:LONGEST_ENTRY] if target.startswith("metadata.") else text


def _number(value: Any) -> Any:
    """A number where it is one; anything else is left for the check to name."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return int(number) if number.is_integer() else number


def _moment(value: Any) -> Any:
    """As RFC 3339 has it: seconds or milliseconds since 1970, ISO 8601, or the usual dates; UTC where none is said."""
    text = str(value).strip()
    if re.fullmatch(r"\d{9,11}|\d{12,14}", text):
        seconds = int(text) / (1000 if len(text) >= 12 else 1)
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    moment = _parsed(text)
    if moment is None:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


FORMS = ("%Y-%m-%d %H:%M:%S UTC", "%Y/%m/%d", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 -- the zone is added by the caller
        except ValueError:
            continue
    return None


class _Words(HTMLParser):
    """Collects text; a block ends a line, scripts and styles say nothing."""

    BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre"})
    SILENT = frozenset({"script", "style", "head"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silence = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silence += tag in self.SILENT
        if tag in self.BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silence = max(0, self._silence - (tag in self.SILENT))
        if tag in self.BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silence:
            self.words.append(data)
