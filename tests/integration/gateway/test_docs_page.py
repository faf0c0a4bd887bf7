"""/docs in a real browser without internet: Authorize, Try it out, and not one breach of the page's policy."""

import pytest

from tests.browser import CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


async def test_a_key_is_entered_and_a_call_succeeds(gateway, page):
    origin = f"http://127.0.0.1:{gateway.port}"
    await page.tell("Page.navigate", url=f"{origin}/docs")
    await page.until("document.querySelectorAll('.opblock-tag').length > 3")
    await page.click("button.authorize")
    await page.type(".auth-container input", gateway.key)
    await page.click(".auth-btn-wrapper button.authorize")
    await page.click(".auth-btn-wrapper .btn-done")
    operation = "#operations-Workspace-me_get"
    await page.click("#operations-tag-Workspace")
    await page.click(f"{operation} .opblock-summary-control")
    await page.click(f"{operation} .try-out__btn")
    await page.click(f"{operation} .execute")
    cell = f"{operation} .live-responses-table .response-col_status"
    await page.until(f"[...document.querySelectorAll('{cell}')].some(each => each.textContent.startsWith('200'))")
    shown = await page.run(f"document.querySelector('{operation} .live-responses-table').textContent")
    assert str(gateway.workspace_id) in shown
    assert page.complaints == [], "the page keeps its own policy"
    assert all(url.startswith((origin, "data:", "about:")) for url in page.requests), page.requests
    await page.run("document.head.append(Object.assign(document.createElement('script'), {text: 'window.evil = 1'}))")
    assert await page.run("window.evil") is None, "and the policy holds against scripts that others bring"
    assert any("Content Security Policy" in each for each in page.complaints)
