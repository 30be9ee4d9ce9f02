"""The page in a real Chromium: what it looks like, and who can use it.

Needs Chromium and Python's playwright (`make clients`); skips where either is absent.
"""

from __future__ import annotations

import shutil
import socketserver
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.export.roster_folder import COVER, ROSTER, RosterFolder

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HARD = """
[[rotation]]
name    = "nights, weekends and whatever else there may be"
role    = "second-line-and-escalation"
people  = ["alice", "extraordinarily-long-key", "bob"]
every   = "3 hours"
start   = 2026-01-05
"""
WIDTHS = (360, 800, 1600)
SCHEMES = ("light", "dark")
# the contrast of every piece of text with what lies behind it (WCAG 2.2, 1.4.3)
CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map(
      (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!words) continue;
    const [one, other] = [parse(getComputedStyle(node).color), behind(node)].map(light);
    found.push([words, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)]);
  }
  return found;
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two sites on a web server of ours: a simple one, and one that is hard to lay out."""
    folder = tmp_path_factory.mktemp("web")
    for name, more in (("simple", ""), ("hard", HARD)):
        (folder / name).mkdir()
        text = ROSTER.replace("carol =", "extraordinarily-long-key =") if more else ROSTER
        text = text.replace('"carol"]', '"extraordinarily-long-key"]') if more else text
        roster_folder = RosterFolder(folder / name, text + more)
        if more:
            roster_folder.overrides(
                "[[override]]\nstart = 2026-11-26T09:00:00Z\nend = 2026-11-28T09:00:00Z\nout='*'\n"
            )
        else:
            roster_folder.overrides(COVER)
        site = str(folder / name / "www")
        done = roster_folder.run("export", "--site", site)
        assert done.exit_code == 0, done.output
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    driver = pytest.importorskip("playwright.sync_api")
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium (Debian: chromium)")
    with driver.sync_playwright() as play:
        started = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=["simple", "hard"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(browser: Any, url: str, width: int = 1280, scheme: str = "light") -> Any:
    context = browser.new_context(
        viewport={"width": width, "height": 740}, color_scheme=scheme, java_script_enabled=True
    )
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.append(request.url))
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.goto(url)
    return page


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_can_be_read(browser: Any, address: str, name: str, width: int, scheme: str) -> None:
    url = f"{address}/{name}/www/index.html"
    page = opened(browser, url, width, scheme)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, "the page scrolls sideways"
    cut = page.evaluate(
        "[...document.querySelectorAll('li, td, th, h1, h2, h3, p')]"
        ".filter((e) => e.scrollWidth > e.clientWidth + 1 && !e.closest('.aloud, .bars')"
        " && getComputedStyle(e).display !== 'inline').map((e) => e.textContent)"
    )
    assert cut == []
    contrasts = page.evaluate(CONTRAST)
    assert len(contrasts) > 100
    assert max(ratio for _, ratio in contrasts) > 10
    assert [(words, ratio) for words, ratio in contrasts if ratio < 4.5] == []
    small = page.evaluate(
        "[...document.querySelectorAll('body *')].filter((e) => e.innerText"
        " && parseFloat(getComputedStyle(e).fontSize) < 11).map((e) => e.innerText)"
    )
    assert small == []
    assert page.complaints == []
    assert page.requested == [url]
    picture = page.screenshot(full_page=True)
    page.evaluate("document.body.replaceChildren()")
    assert len(picture) > 4 * len(page.screenshot()), "the page is blank"
    page.context.close()


def test_the_keyboard_reaches_every_link(browser: Any, address: str, name: str) -> None:
    page = opened(browser, f"{address}/{name}/www/index.html")
    # the link of what is only there when the page is old cannot be reached
    links = page.evaluate(
        "[...document.links].filter((l) => !l.closest('.old')).map((link) => link.href)"
    )
    assert len(links) >= 9
    reached = []
    for _ in links:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.href"))
        outline = page.evaluate(
            "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])"
            "(getComputedStyle(document.activeElement))"
        )
        assert outline == ["solid", "3px"]
    assert reached == links
    for link in links:
        assert page.request.get(link).ok, link
    page.context.close()


def test_it_can_be_heard(browser: Any, address: str, name: str) -> None:
    page = opened(browser, f"{address}/{name}/www/index.html")
    assert page.evaluate("document.documentElement.lang") == "en"
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3')].map((e) => Number(e.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tables = page.evaluate(
        "[...document.querySelectorAll('table')].map((t) => [t.caption.textContent,"
        " [...t.tHead.rows[0].cells].every((c) => c.scope === 'col')])"
    )
    assert len({caption for caption, _ in tables}) == len(tables) >= 2
    assert all(scoped for _, scoped in tables)
    assert page.get_by_role("heading", name="On duty now").count() == 1
    today = page.locator("[aria-current=date]")
    assert "23 Nov" in today.first.inner_text()
    assert page.locator("main").count() == 1
    page.context.close()


def test_it_needs_no_script(browser: Any, address: str, name: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{name}/www/index.html")
    assert page.get_by_text("On duty now").is_visible()
    assert "bob" in page.inner_text(".card")
    context.close()


def test_on_paper(browser: Any, address: str, tmp_path: Path) -> None:
    page = opened(browser, f"{address}/simple/www/index.html", 700, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("heading", name="Subscribe").is_visible()
    assert all(ratio >= 4.5 for _, ratio in page.evaluate(CONTRAST))
    file = tmp_path / "page.pdf"
    page.pdf(path=file, format="A4")
    data = file.read_bytes()
    assert data.count(b"/Type /Page\n") == 1, "the duty of a small team fits on one page"
    page.context.close()


def axe(page: Any) -> list[str]:
    """What axe-core has to say of a page, but for one rule: a page on a wall has to be asked for
    again, and nobody types anything into it that could be lost (WCAG 2.2.1)."""
    found = pytest.importorskip("axe_playwright_python.sync_playwright").Axe().run(page)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
        if violation["id"] != "meta-refresh"
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_rule_is_broken(browser: Any, address: str, name: str, width: int, scheme: str) -> None:
    for file in ("index.html", "bob.html"):
        page = opened(browser, f"{address}/{name}/www/{file}", width, scheme)
        assert axe(page) == []
        page.context.close()


def test_names_do_not_break_on_a_phone(browser: Any, address: str) -> None:
    page = opened(browser, f"{address}/simple/www/index.html", 360)
    heights = page.evaluate(
        "[...document.querySelectorAll('.who li, .chip')].map((e) =>"
        " e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight))"
    )
    assert heights
    assert all(lines < 2 for lines in heights)
    page.context.close()


def test_a_stopped_cron_shows(browser: Any, tmp_path: Path) -> None:
    """The page is asked for again by itself; the same copy then says that it is old."""
    roster_folder = RosterFolder(tmp_path)
    site = tmp_path / "www"
    assert roster_folder.run("export", "--site", str(site)).exit_code == 0

    def hasten() -> None:
        # as if the time had come, and a minute were a moment
        file = site / "index.html"
        file.write_text(file.read_text().replace('content="1200; url', 'content="1; url'))

    hasten()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page = opened(browser, f"http://127.0.0.1:{server.server_address[1]}/index.html")
        old = page.get_by_text("This page is old.")
        assert not old.is_visible(), "a new copy looks new"
        # cron is dead: the copy that comes is the one that was there
        old.wait_for(state="visible", timeout=120_000)
        assert "w20261124T1000Z" in page.url
        looks = "getComputedStyle(document.querySelector('main')).filter"
        assert page.evaluate(looks) == "grayscale(1)"
        struck = "getComputedStyle(document.querySelector('.who li')).textDecorationLine"
        assert page.evaluate(struck) == "line-through"
        # cron is back: whoever loads it again, by the link, sees a new copy
        roster_folder.later(minutes=15)
        assert roster_folder.run("export", "--site", str(site)).exit_code == 0
        page.get_by_role("link", name="load it again").click()
        page.wait_for_url("**/index.html", timeout=120_000)
        assert not page.get_by_text("This page is old.").is_visible()
        page.context.close()
        # and while cron lives, a page that is asked for again is a new one
        hasten()
        page = opened(browser, f"http://127.0.0.1:{server.server_address[1]}/index.html")
        roster_folder.later(minutes=15)
        assert roster_folder.run("export", "--site", str(site)).exit_code == 0
        page.wait_for_url("**/index.html?w20261124T1015Z#*", timeout=120_000)
        assert not page.get_by_text("This page is old.").is_visible()
        assert "10:30" in page.inner_text(".holds")
        page.context.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
