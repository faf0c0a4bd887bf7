"""Text and numbers that people and XML can read: a control character in a title must not spoil a whole document."""

import re
from xml.etree import ElementTree as ET

# XML 1.0, production 2: what is no Char; lone surrogates cannot come this far.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def make_legible(root: ET.Element) -> None:
    """Leaves out what XML forbids, in every text and attribute below."""
    for element in root.iter():
        element.text = element.text and FORBIDDEN.sub("", element.text)
        for name, value in element.attrib.items():
            element.set(name, FORBIDDEN.sub("", value))


def number(value: float) -> str:
    """A number as people write it: two decimals at most, and never a power of ten."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
