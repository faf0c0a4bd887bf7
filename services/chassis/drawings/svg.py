"""Shapes as SVG: one element each, colours by class so that they follow light and dark."""

import base64
from hashlib import sha256
from typing import assert_never
from xml.etree import ElementTree as ET

from services.chassis.drawings.legible import make_legible
from services.chassis.drawings.shapes import Box, Picture, Shape, Stroke, Writing

# Every class sets only colours; all else stands in attributes, which a content security policy lets through.
STYLE = (
    ".i-ink{fill:#1f2328}.i-faint{fill:#57606a}.i-line{fill:#8c959f}.i-band{fill:#f3f5f7}.i-today{fill:#b42318}"
    ".i-paper{fill:#fff}.s-ink{stroke:#1f2328}.s-faint{stroke:#57606a}.s-line{stroke:#8c959f}.s-band{stroke:#dde2e7}"
    ".s-today{stroke:#b42318}.s-paper{stroke:#fff}"
    "@media screen and (prefers-color-scheme:dark){"
    ".i-ink{fill:#e6edf3}.i-faint{fill:#a5b0bb}.i-line{fill:#7d8792}.i-band{fill:#1c2229}.i-today{fill:#ff8a7a}"
    ".i-paper{fill:#12161b}.s-ink{stroke:#e6edf3}.s-faint{stroke:#a5b0bb}.s-line{stroke:#7d8792}.s-band{stroke:#2b333c}"
    ".s-today{stroke:#ff8a7a}.s-paper{stroke:#12161b}}"
)
STYLE_SOURCE = f"'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""How a content security policy names this style, and no other."""

FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
DASHES = "5 4"


def svg(picture: Picture, *, name: str = "picture", is_part: bool = False) -> str:
    """The picture as an SVG document; as part of a page it brings no style and no paper, but takes the page's."""
    width, height = _number(picture.width), _number(picture.height)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-words",
            "font-family": FONT,
        },
    )
    ET.SubElement(root, "title", {"id": f"{name}-title"}).text = picture.title
    ET.SubElement(root, "desc", {"id": f"{name}-words"}).text = picture.description
    if not is_part:
        ET.SubElement(root, "style").text = STYLE
        ET.SubElement(root, "rect", {"width": width, "height": height, "class": "i-paper"})
    for shape in picture.shapes:
        _draw(root, shape)
    make_legible(root)
    return ET.tostring(root, encoding="unicode")


def _draw(root: ET.Element, shape: Shape) -> None:
    match shape:
        case Box():
            _box(root, shape)
        case Stroke():
            _stroke(root, shape)
        case Writing():
            _writing(root, shape)
        case _:
            assert_never(shape)


def _box(root: ET.Element, box: Box) -> None:
    attributes = {
        "x": _number(box.x),
        "y": _number(box.y),
        "width": _number(box.width),
        "height": _number(box.height),
    }
    if box.radius:
        attributes["rx"] = _number(box.radius)
    if box.colour:
        attributes["fill"] = box.colour
    else:
        attributes["class"] = f"i-{box.ink}"
    if box.opacity < 1:
        attributes["fill-opacity"] = _number(box.opacity)
    if box.is_dashed:
        attributes |= {"stroke": box.colour or "currentColor", "stroke-width": "1.5", "stroke-dasharray": DASHES}
    element = ET.SubElement(root, "rect", attributes)
    if box.hint:
        ET.SubElement(element, "title").text = box.hint


def _stroke(root: ET.Element, stroke: Stroke) -> None:
    attributes = {
        "points": " ".join(f"{_number(x)},{_number(y)}" for x, y in stroke.points),
        "class": f"s-{stroke.ink}",
        "fill": "none",
        "stroke-width": _number(stroke.width),
        "stroke-linejoin": "round",
    }
    if stroke.is_dashed:
        attributes["stroke-dasharray"] = DASHES
    ET.SubElement(root, "polyline", attributes)
    if stroke.has_arrow:
        x, y = stroke.points[-1]
        tip = f"{_number(x)},{_number(y)} {_number(x - 6)},{_number(y - 3.5)} {_number(x - 6)},{_number(y + 3.5)}"
        ET.SubElement(root, "polygon", {"points": tip, "class": f"i-{stroke.ink}"})


def _writing(root: ET.Element, writing: Writing) -> None:
    attributes = {
        "x": _number(writing.x),
        "y": _number(writing.y),
        "font-size": _number(writing.size),
        "class": f"i-{writing.ink}",
    }
    if writing.anchor != "start":
        attributes["text-anchor"] = writing.anchor
    if writing.is_bold:
        attributes["font-weight"] = "600"
    ET.SubElement(root, "text", attributes).text = writing.text


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
