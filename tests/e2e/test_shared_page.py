"""The page behind a share link in a real browser: on a phone and a desk, light and dark, without a key."""

import base64
import re
from typing import Any

import httpx
import pytest

from services.launcher.demo.loop import Loop
from tests.browser import CHROMIUM, Page
from tests.e2e.stack import Stack

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

VISIBLE = "[...document.querySelectorAll('figure')].filter(each => each.checkVisibility()).map(each => each.className)"
CLICKABLE = "[...document.querySelectorAll('a, button, input, summary')].filter(each => each.checkVisibility()).length"
PRINTED_WIDTH = 1016
"""CSS pixels between the margins of an A4 sheet that lies across: 297 mm less twice 14, at 96 to the inch."""
CONTRAST = """
(() => {
  const part = value => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4 }
  const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number)
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) }
  const behind = element => { for (let each = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor
    if (!/, 0\\)$/.test(colour)) return colour } return 'rgb(255, 255, 255)' }
  return Math.min(...[...document.querySelectorAll('h1, h2, h3, h4, p, li, dt, dd, a:not(.skip), .tag')].map(each => {
    const [one, other] = [light(getComputedStyle(each).color), light(behind(each))].sort((a, b) => b - a)
    return (one + 0.05) / (other + 0.05) }))
})()
"""


async def shared(owner: httpx.AsyncClient, loop: Loop, kind: str, *, who: str = "Readers") -> dict[str, Any]:
    """A link to the story's roadmap for a new audience of this kind."""
    audience = await owner.post("/v1/audiences", json={"name": f"{who} of {loop.run}: {kind}", "kind": kind})
    assert audience.status_code == 201, audience.text
    new = {"name": "A browser", "roadmap_id": loop.roadmap["id"], "audience_id": audience.json()["id"]}
    link = await owner.post("/v1/share-links", json=new)
    assert link.status_code == 201, link.text
    made: dict[str, Any] = link.json()
    return made


async def look(page: Page, url: str, *, width: int, scheme: str) -> None:
    await page.tell(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
    )
    await page.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    await page.tell("Page.navigate", url=url)
    await page.until(f"location.href == {url!r} && document.readyState == 'complete'")


@pytest.mark.parametrize("kind", ["customer", "team"])
async def test_the_page_fits_every_screen_and_keeps_its_policy(stack: Stack, loop: Loop, page: Page, kind: str) -> None:
    async with stack.client() as owner:
        link = await shared(owner, loop, kind)
        for width, figure in ((390, "narrow"), (800, "medium"), (1280, "wide")):
            for scheme in ("light", "dark"):
                await look(page, link["url"], width=width, scheme=scheme)
                assert await page.run("document.querySelector('h1').textContent") == loop.roadmap["name"]
                assert set(await page.run(VISIBLE)) == {figure}
                assert await page.run("document.documentElement.scrollWidth") <= width, "nothing sticks out"
                assert await page.run(CONTRAST) >= 4.5, f"WCAG 1.4.3, {scheme} at {width}"
        assert await page.run("document.scripts.length") == 0
        assert page.complaints == [], "the page keeps its own policy"
        assert {url.split("#")[0] for url in page.requests if not url.startswith(("data:", "about:"))} == {link["url"]}


async def test_a_revoked_link_tells_so_on_a_page(stack: Stack, loop: Loop, page: Page) -> None:
    async with stack.client() as owner:
        link = await shared(owner, loop, "investor")
        await look(page, link["url"], width=390, scheme="light")
        assert await page.run("document.querySelector('h1').textContent") == loop.roadmap["name"]
        assert (await owner.post(f"/v1/share-links/{link['id']}/revoke", json={})).status_code == 200
        await page.tell("Page.reload", ignoreCache=False)
        await page.until("document.querySelector('h1')?.textContent == 'This link has ended'")
        log = (await owner.get(f"/v1/share-links/{link['id']}/visits")).json()["items"]
        assert [(each["form"], each["times"]) for each in log] == [("html", 1)]


@pytest.mark.parametrize("kind", ["customer", "team"])
async def test_the_page_prints_on_landscape_sheets(stack: Stack, loop: Loop, page: Page, kind: str) -> None:
    """All fits the width of an A4 sheet that lies across, and nothing is printed that one can only click."""
    async with stack.client() as owner:
        link = await shared(owner, loop, kind, who="Printers")
        await look(page, link["url"], width=PRINTED_WIDTH, scheme="dark")
        await page.tell("Emulation.setEmulatedMedia", media="print")
        assert set(await page.run(VISIBLE)) == {"wide"}
        assert await page.run("document.documentElement.scrollWidth") <= PRINTED_WIDTH, "nothing is cut off"
        assert await page.run(CLICKABLE) == 0
        assert await page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert await page.run(CONTRAST) >= 4.5
        printed = await page.tell("Page.printToPDF", preferCSSPageSize=True)
        sheets = base64.b64decode(printed["data"])
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheets)
        assert boxes
        assert {(round(float(wide)), round(float(high))) for wide, high in boxes} == {(842, 595)}
