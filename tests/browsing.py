"""A real browser on the console: what it says on its console is kept, and must be nothing."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    async_playwright,
    expect,
)

from tests.situations import PASSWORD

AXE = Path(__file__).parents[1] / "operator_ui/frontend/node_modules/axe-core/axe.min.js"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
DESK, TABLET, PHONE = (1440, 900), (768, 1024), (390, 844)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# What is in order is neither described nor brought over: that took most of the time.
LOOKED_AT = """async (tags) => {
  const wanted = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
  const found = await axe.run(document, {...wanted, selectors: false, preload: false});
  return found.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`));
}"""
COLOURS = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width; canvas.height = image.height;
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 16) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  return seen.size;
}"""  # noqa: E501 - a script


COVERED = """() => {
  const cards = [...document.querySelectorAll("main .card")]
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height);
  const named = (one) => one.getAttribute("aria-labelledby") ?? one.className;
  return cards.flatMap(([one, box], number) => cards.slice(number + 1)
    .filter(([other, its]) => !one.contains(other) && !other.contains(one)
      && Math.min(box.right, its.right) - Math.max(box.left, its.left) > 1
      && Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top) > 1)
    .map(([other]) => `${named(other)} lies upon ${named(one)}`));
}"""


@dataclass
class Visit:
    """A page and what went wrong in it: errors, refusals of the policy, dialogs."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go to a page of the console."""
        await self.page.goto(self.url + path)

    async def sign_in(self, login: str = "rac") -> None:
        """Sign in with the keyboard alone."""
        await self.open("/connexion")
        await expect(self.page.locator("[name=login]")).to_be_focused()
        await self.page.keyboard.type(login)
        await self.page.keyboard.press("Tab")
        await self.page.keyboard.type(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(self.url + "/")

    async def resize(self, size: tuple[int, int]) -> None:
        """Become another screen."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def overflow_px(self) -> int:
        """Return by how much the page is wider than its screen."""
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide

    async def covered(self) -> list[str]:
        """Return the cards of the page that another one lies upon."""
        found: list[str] = await self.page.evaluate(COVERED)
        return found

    async def faults(self) -> list[str]:
        """Return what axe finds against, as `rule: element`."""
        await self.page.evaluate(AXE.read_text("utf-8"))
        found: list[str] = await self.page.evaluate(LOOKED_AT, STANDARDS)
        return found

    async def colours(self, element: Locator) -> int:
        """Count the colours of what an element shows: a blank canvas has few."""
        png = base64.b64encode(await element.screenshot()).decode()
        count: int = await self.page.evaluate(COLOURS, png)
        return count


@asynccontextmanager
async def visit(chromium: Path, url: str, **context: Any) -> AsyncIterator[Visit]:  # noqa: ANN401 - Playwright's own options
    """Open a browser on a console; `context` are Playwright's options of a context."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            opened: BrowserContext = await browser.new_context(locale="fr-FR", **context)
            yield _watched(await opened.new_page(), url)
        finally:
            await browser.close()


def _watched(page: Page, url: str) -> Visit:
    made = Visit(page, url)

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            made.problems.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: made.problems.append(str(error)))
    page.on("dialog", lambda dialog: made.problems.append(f"dialog: {dialog.message}"))
    return made
