"""/docs of the whole API in a real browser with no outside network: what a newcomer sees and does first."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser import CHROMIUM, Browser, Page
from tests.e2e.stack import Stack

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

ASK = "#operations-Workspace-me_get"
TELL = "#operations-Trackers-integration_create"
FEEDBACK = [f"#operations-Feedback-feedback_{what}" for what in ("create", "list", "get")]
STATUS = ".live-responses-table .response-col_status"
JOBS = "[...document.querySelectorAll('h2.job')].map(each => each.textContent)"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(stack: Stack, chromium: Browser) -> AsyncIterator[Page]:
    """The page, with an admin's key entered."""
    key = await stack.other_workspace("Newcomers")
    async with chromium.page() as page:
        await page.tell("Page.navigate", url=f"{stack.url}/docs")
        await page.until("document.querySelectorAll('.opblock-tag').length > 20 && (window.shown = performance.now())")
        await page.click("button.authorize")
        await page.type(".auth-container input", key)
        await page.click(".auth-btn-wrapper button.authorize")
        await page.click(".auth-btn-wrapper .btn-done")
        yield page


async def answered(page: Page, operation: str) -> str:
    """Execute, and what the page then shows of the answer: another one than before."""
    await page.click(f"{operation} .execute")
    shown = f"document.querySelector('{operation} .live-responses-table').textContent"
    await page.until(f"!!document.querySelector('{operation} {STATUS}') && {shown} !== window.before")
    return str(await page.run(f"window.before = {shown}"))


async def test_a_newcomer_enters_a_key_and_two_calls_succeed(stack: Stack, page: Page, tmp_path: Path) -> None:
    await page.click("#operations-tag-Workspace")
    await page.click(f"{ASK} .opblock-summary-control")
    await page.click(f"{ASK} .try-out__btn")
    assert "200" in await answered(page, ASK)
    await page.run(f"document.querySelector('{ASK}').scrollIntoView()")
    picture = await page.picture()
    (Path(os.environ.get("SCREENSHOTS", tmp_path)) / "docs.png").write_bytes(picture)
    assert picture.startswith(PNG)
    assert page.complaints == [], "the page keeps its own policy"
    assert all(url.startswith((stack.url, "data:", "about:")) for url in page.requests), page.requests


async def test_the_documented_example_can_be_sent_again_and_again(page: Page) -> None:
    """A prefilled Idempotency-Key would make the second try another request under the same key, which is refused."""
    await page.click("#operations-tag-Trackers")
    await page.click(f"{TELL} .opblock-summary-control")
    await page.click(f"{TELL} .try-out__btn")
    filled = f"[...document.querySelectorAll('{TELL} .parameters input')].map(each => each.value).filter(Boolean)"
    assert await page.run(filled) == []
    for _ in range(2):
        assert "201" in await answered(page, TELL)


async def test_an_operation_opens_sooner_than_the_page(page: Page) -> None:
    """Swagger UI alone takes four times as long for each: it reads the whole document again."""
    await page.click("#operations-tag-Feedback")
    took = []
    for operation in FEEDBACK:
        begun = await page.run("performance.now()")
        await page.click(f"{operation} .opblock-summary-control")
        await page.until(f"!!document.querySelector('{operation} .responses-table')")
        took.append(await page.run(f"performance.now() - {begun}"))
    assert min(took) < await page.run("window.shown")


async def test_operations_stand_under_the_job_that_they_do(stack: Stack, page: Page) -> None:
    async with stack.stranger() as client:
        groups = json.loads((await client.get("/openapi.json")).text)["x-tagGroups"]
    shown = await page.run(JOBS)
    assert shown == [group["name"] for group in groups]
    assert shown[:3] == ["Collect feedback", "Understand what people need", "Decide what to build"]
