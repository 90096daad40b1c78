"""The step player in a real browser: it shows what the recording says, and moves as its keys promise."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim.__main__ import main
from gpusim.view.player import Caption
from gpusim.view.player.bundle import widget_module

playwright = pytest.importorskip("playwright.sync_api", reason="drives a browser with Playwright")

pytestmark = pytest.mark.browser

TILE = 3
PLAYER = ".gpusim-player"


@cuda.jit
def tiled(out, a, b):
    sa = cuda.shared.array((TILE, TILE), float32)
    sb = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.grid(2)
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0.0)
    for t in range(a.shape[1] // TILE):
        sa[ty, tx] = a[y, t * TILE + tx]
        sb[ty, tx] = b[t * TILE + ty, x]
        cuda.syncthreads()
        for k in range(TILE):
            total += sa[ty, k] * sb[k, tx]
        cuda.syncthreads()
    out[y, x] = total


@cuda.jit
def neighbours(out, a):
    tile = cuda.shared.array(64, float32)
    i = cuda.threadIdx.x
    tile[i] = a[cuda.grid(1)]
    if i + 1 < cuda.blockDim.x:
        out[cuda.grid(1)] = tile[i] + tile[i + 1]


@cuda.jit
def columns(out, a):
    tile = cuda.shared.array((32, 32), float32)
    i = cuda.threadIdx.x
    for k in range(32):
        tile[k, i] = a[k, i]
    cuda.syncthreads()
    for k in range(32):
        out[i, k] = tile[i, k]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as running:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


class Screen:
    """A page with a player, and what the tests read from it."""

    def __init__(self, browser, url, width=1200, **options):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.problems = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.requested(request.url))
        self.page.goto(url)
        self.page.wait_for_selector(".gpusim-player .say code")
        self.page.focus(".gpusim-player")

    def requested(self, url):
        if not url.startswith(("file:", "data:", "blob:", "about:")):
            self.problems.append(f"asked the network for {url}")

    def press(self, key, times=1):
        for _ in range(times):
            self.page.keyboard.press(key)

    def text(self, selector):
        return self.page.inner_text(f".gpusim-player {selector}")

    def js(self, expression):
        """The value of an expression in the page: `p` is the player, `all` are the elements in it."""
        start = "const root = document.querySelector('.gpusim-player'), all = [...root.querySelectorAll('*')]"
        return self.page.evaluate(f"() => {{ {start}, p = root.gpusim; return ({expression}); }}")

    @property
    def at(self):
        """Number of the step, from 0."""
        return int(self.text(".where").split("/")[0].replace(",", "")) - 1

    @property
    def line(self):
        return int(re.search(r"\d+", self.text(".say .at"))[0])

    def table(self, selector):
        rows = self.page.eval_on_selector_all(
            f".gpusim-player {selector} tr", "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
        )
        return [tuple(row) for row in rows]


@pytest.fixture
def show(browser, tmp_path):
    screens = []

    def opened(player, width=1200, **options):
        path = player.save(tmp_path / f"{len(screens)}.html")
        screens.append(Screen(browser, path.as_uri(), width, **options))
        return screens[-1]

    yield opened
    for screen in screens:
        assert screen.problems == []
        screen.context.close()


def product():
    a = np.arange(36, dtype=np.float32).reshape(6, 6)
    return gpusim.simulate(tiled, trace=True)[(2, 2), (3, 3)](np.zeros_like(a), a, a.T.copy())


def race():
    a = np.arange(128, dtype=np.float32)
    return gpusim.simulate(neighbours)[2, 64](np.zeros_like(a), a)


def said(verb, run, event, block):
    """Rows of the table for a traced access of one block."""
    shape = run.arrays[event.array]["shape"]
    rows = []
    for where, thread, element, value in zip(event.block, event.thread, event.element, event.value, strict=True):
        if where == block:
            index = ", ".join(map(str, map(int, np.unravel_index(element, shape))))
            rows.append((f"({thread % 3}, {thread // 3})", verb, f"{event.array}[{index}]", f"{value:g}"))
    return rows


def test_each_step_shows_what_the_trace_says(show):
    run = product()
    screen = show(run.play())
    verbs = {"load": "reads", "store": "writes"}
    expected = {0: [], 3: []}
    for block in expected:
        for event in run.trace:
            if event.op in verbs:
                expected[block] += [(event.line, row) for row in said(verbs[event.op], run, event, block)]
    for block, rows in expected.items():
        screen.press("]", block)
        screen.press("Home")
        found, steps = [], int(screen.text(".where").split("/")[1])
        for step in range(steps):
            assert screen.at == step
            found += [(screen.line, row) for row in screen.table("details table")[1:] if row[1] != "sets"]
            screen.press("ArrowRight")
        assert found == rows


def test_variables_and_counters_are_those_of_the_run(show):
    run = product()
    screen = show(run.play())
    totals = Counter()
    for block in range(4):
        screen.press("End")
        counters = {row[0]: int(row[1].replace(",", "")) for row in screen.table(".counters")}
        totals.update(counters)
        x, y = block % 2 * 3, block // 2 * 3
        variables = dict(screen.table(".variables"))
        a = np.arange(36).reshape(6, 6)
        assert variables["total"] == f"{(a @ a.T)[y, x]}"
        assert (variables["x"], variables["y"], variables["k"]) == (str(x), str(y), "2")
        screen.press("]")
    counts = run.counts
    assert totals["reads"] == counts["global"]["loads"] == 144
    assert totals["writes"] == counts["global"]["stores"]
    assert totals["sectors"] == counts["global"]["load_sectors"] + counts["global"]["store_sectors"]
    assert totals["shared reads"] == counts["shared"]["loads"]
    assert totals["shared writes"] == counts["shared"]["stores"]


def test_bank_conflicts_are_the_simulators(show):
    a = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    run = gpusim.simulate(columns)[1, 32](np.zeros_like(a), a)
    screen = show(run.play())
    screen.press("End")
    counters = dict(row[:2] for row in screen.table(".counters"))
    assert run.counts.shared.load_bank_conflicts == 31 * 32
    assert counters["conflicts"] == str(run.counts.shared.load_bank_conflicts)
    assert counters["sectors"] == f"{run.counts['global']['load_sectors'] + run.counts['global']['store_sectors']:,}"


def test_back_is_where_one_came_from(show):
    screen = show(product().play())
    screen.press("ArrowRight", 14)
    before = screen.text(".say"), screen.table("details table"), screen.table(".variables"), screen.table(".counters")
    screen.press("End")
    screen.press("ArrowLeft", 31 - 14)
    after = screen.text(".say"), screen.table("details table"), screen.table(".variables"), screen.table(".counters")
    assert before == after


def test_keys(show):
    run = product()
    screen = show(run.play())
    barriers = sorted({event.line for event in run.trace if event.op == "barrier"})
    lines = []
    for _ in range(4):
        screen.press("Shift+ArrowRight")
        lines.append(screen.line)
    assert lines == barriers * 2
    screen.press("Shift+ArrowLeft")
    assert screen.line == barriers[0]
    screen.press("End")
    assert screen.at == 31
    screen.press("Home")
    assert screen.at == 0
    screen.press("ArrowDown")
    assert "thread (1, 0)" in screen.text(".side")
    screen.press("?")
    assert "next finding" in screen.text(".help")
    screen.press("ArrowRight", 9)
    stop = screen.line
    screen.press("b")
    screen.press("Home")
    for _ in range(4):
        screen.press("+")
    screen.press(" ")
    screen.page.wait_for_function("() => document.querySelector('.where').textContent.startsWith('10 ')")
    screen.page.wait_for_timeout(200)
    assert (screen.at, screen.line) == (9, stop)


def test_keys_belong_to_the_page_without_focus(show):
    screen = show(product().play())
    screen.page.evaluate("() => document.activeElement.blur()")
    screen.press("ArrowRight", 3)
    assert screen.at == 0
    assert screen.js("all.filter((element) => element.tabIndex >= 0).length") == 0


def test_dragging_on_the_time_line(show):
    screen = show(product().play())
    box = screen.page.locator(".bar canvas").bounding_box()
    y = box["y"] + 30
    screen.page.mouse.move(box["x"] + 20, y)
    screen.page.mouse.down()
    seen = []
    for share in (0.25, 0.5, 0.75):
        screen.page.mouse.move(box["x"] + 6 + (box["width"] - 12) * share, y)
        seen.append(screen.at)
    screen.page.mouse.up()
    assert seen == [8, 16, 24]


def test_clicks_pin_threads_and_follow_cells(show):
    screen = show(product().play())

    def click(place):
        box = screen.page.locator(".stage canvas").first.bounding_box()
        x, y = screen.js(place)
        screen.page.mouse.click(box["x"] + x, box["y"] + y)

    click("p.layout.thread(5)")
    assert "thread (2, 1)" in screen.text(".side")
    box = "p.layout.sheets.find((box) => box.sheet.array.name === 'a')"
    click(f"p.layout.cell({box}, 7).map((x) => x + 5)")
    screen.press("c")
    assert any(row[2] == "a[1, 1]" for row in screen.table("details table"))


def test_the_spotlight_shows_both_sides_of_a_race_and_the_missing_barrier(show):
    run = race()
    (finding,) = run.findings
    screen = show(run.play())
    screen.press("f")
    assert screen.line == finding.line
    accused = screen.page.eval_on_selector_all(".row.accused .number", "all => all.map(one => Number(one.textContent))")
    assert accused == sorted({finding.line, finding.other["line"]})
    missing = screen.page.inner_text(".row.missing")
    assert "cuda.syncthreads()" in missing
    after = screen.js("root.querySelector('.row.missing').previousSibling.querySelector('.number').textContent")
    assert int(after) == finding.other["line"]
    assert f"thread {finding.thread[0]}" in screen.text(".side")


def test_the_other_order_ends_at_the_wrong_value(show):
    player = race().play()
    screen = show(player)
    screen.press("o")
    result = player.recordings[1].header["findings"][0]
    name, value = re.search(r"(out\[\d+\]) ends as (\S+),", result["message"]).groups()
    assert f"writes {name} = {float(value):g}" in screen.text(".say")
    assert "Threads run one by one" in screen.text(".notes")


def test_predictions_are_marked(show):
    screen = show(product().play())
    screen.press("p")
    assert "Which element of a does thread (0, 0) read" in screen.text(".predict")
    element, number = screen.page.locator(".predict input").all()
    element.fill("0, 0")
    number.fill("9")
    number.press("Enter")
    assert "✓ It is a[0, 0]; ✗ 2 sectors. Score: 1 of 2" in screen.text(".predict")
    assert "reads a[0, 0] = 0" in screen.text(".say")


def test_a_tour_goes_from_caption_to_caption(show):
    first = tiled.py_func.__code__.co_firstlineno
    stations = [
        Caption("One tile of a.", first + 8),
        Caption("The next one, for thread 4.", first + 8, visit=2, thread=4),
        Caption("As a warp sees it.", first + 12, visit=5, warp=True),
        Caption("The result, of another block.", block=3),
    ]
    screen = show(product().play().guided(stations))
    seen = []
    for _ in stations:
        seen.append((screen.text(".caption p"), screen.line - first, screen.js("p.pinned"), screen.js("p.view")))
        screen.press("n")
    assert seen == [
        ("One tile of a.", 8, 0, "step"),
        ("The next one, for thread 4.", 8, 4, "step"),
        ("As a warp sees it.", 12, 0, "warp"),
        ("The result, of another block.", 14, 27, "step"),
    ]
    assert screen.table(".variables")[-2:] == [("t", "1"), ("k", "2")]
    screen.page.click(".caption button >> text=Back")
    assert screen.text(".caption p") == "As a warp sees it."


def test_two_launches_beside_each_other_go_from_barrier_to_barrier(show):
    screen = show(product().play().beside(product().play()))
    players = screen.page.locator(".gpusim-player")
    assert players.count() == 2
    screen.press("Shift+ArrowRight", 2)
    assert [player.locator(".where").inner_text() for player in players.all()] == ["18 / 32"] * 2
    screen.press("ArrowRight")
    assert [player.locator(".where").inner_text() for player in players.all()] == ["19 / 32", "18 / 32"]
    screen.press("End")
    assert [player.locator(".where").inner_text() for player in players.all()] == ["32 / 32"] * 2


def test_the_warps_view_names_sectors_and_conflicts(show):
    a = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    screen = show(gpusim.simulate(columns)[1, 32](np.zeros_like(a), a).play())
    screen.press("w")
    screen.press("End")
    screen.press("ArrowLeft")
    screen.js("(p.seen = [], p.warpView.text = (c, words) => p.seen.push(words), p.warpView.draw())")
    seen = " | ".join(map(str, screen.js("p.seen")))
    assert "tile: 32 lanes read in 32 wavefronts | (31 bank conflicts)" in seen
    assert "out: 32 lanes write, 32 sectors of 32 bytes travel | (4 would do)" in seen


@pytest.mark.parametrize("width", [400, 800, 1200])
def test_nothing_is_wider_than_the_screen(show, width):
    screen = show(race().play(), width)
    screen.press("f")
    assert screen.page.evaluate("() => document.documentElement.scrollWidth") <= width
    beyond = screen.js("all.filter((element) => element.getBoundingClientRect().right > innerWidth + 1).length")
    assert beyond == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(show, scheme):
    screen = show(race().play(), color_scheme=scheme)
    screen.press("f")
    colors = screen.js("p.colors")
    for name in ("ink", "muted", "read", "write", "atomic", "thread", "wait", "error"):
        assert contrast(colors[name], colors["paper"]) >= 4.5, name
    for name in ("read", "write", "atomic", "thread"):
        assert contrast(colors["on"], colors[name]) >= 4.5, name
    assert contrast(colors["ink"], colors["cell"]) >= 4.5


HOSTS = [
    ("body.dataset.jpThemeLight", "true", "false"),
    ("body.dataset.vscodeThemeKind", "vscode-light", "vscode-dark"),
    ("body.dataset.vscodeThemeKind", "vscode-high-contrast-light", "vscode-high-contrast"),
    ("documentElement.attributes.theme", "light", "dark"),
]


@pytest.mark.parametrize(("place", "light", "dark"), HOSTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_notebooks_theme_goes_before_the_systems(show, scheme, place, light, dark):
    screen = show(product().play(), color_scheme=scheme)
    papers = {"light": "#ffffff", "dark": "#14171c"}
    assert screen.js("p.colors.paper") == papers[scheme]
    screen.page.evaluate("document.documentElement.setAttribute('theme', '')")
    for theme, word in (("light", light), ("dark", dark), ("light", light)):
        at = f"document.{place}" + (".value" if place.startswith("document") else "")
        screen.page.evaluate(f"{at} = '{word}'")
        screen.page.wait_for_function(f"document.querySelector('{PLAYER}').gpusim.colors.paper === '{papers[theme]}'")


def contrast(one, other):
    """WCAG 2.2, "contrast ratio"."""

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_no_movement_where_it_is_not_wanted(show):
    screen = show(product().play(), reduced_motion="reduce")
    assert screen.js("getComputedStyle(root.querySelector('.row')).transitionDuration") == "0s"


def test_the_step_is_announced(show):
    screen = show(product().play())
    assert screen.page.get_attribute(".say", "aria-live") == "polite"
    screen.press("ArrowRight", 7)
    assert screen.page.get_attribute(".stage canvas", "aria-label") == screen.js("p.saying.textContent")


def test_a_notebooks_frame_plays_without_a_kernel(browser, tmp_path):
    page = tmp_path / "notebook.html"
    frame = product().play()._repr_html_()
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{frame}</body>", encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    problems = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.goto(page.as_uri())
    inside = tab.frame_locator("iframe")
    inside.locator(".gpusim-player .say code").wait_for()
    inside.locator(".gpusim-player").focus()
    inside.locator(".gpusim-player").press("End")
    assert inside.locator(".where").inner_text() == "32 / 32"
    assert problems == []
    context.close()


def test_the_widgets_module_mounts_a_player(browser, tmp_path):
    player = product().play()
    values = json.dumps({"recordings": player.texts, "options": player.options})
    module = json.dumps(widget_module()).replace("</", "<\\/")
    page = tmp_path / "page.html"
    page.write_text(
        f"""<!doctype html><meta charset="utf-8"><div id="here"></div><script type="module">
        const url = URL.createObjectURL(new Blob([{module}], {{ type: "text/javascript" }}));
        const widget = (await import(url)).default;
        const values = {values};
        await widget.render({{ model: {{ get: (name) => values[name] }}, el: document.getElementById("here") }});
        </script>""",
        encoding="utf-8",
    )
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.wait_for_selector("#here .gpusim-player .say code")
    context.close()


def test_twenty_thousand_steps_stay_smooth(show):
    @cuda.jit
    def long(out, n):
        i = cuda.grid(1)
        for k in range(n):
            out[i] += k
            if k % 7 == i % 7:
                out[i] -= 1

    run = gpusim.simulate(long, trace=True)[1, 64](np.zeros(64), 6700)
    player = run.play()
    assert player.recordings[0].steps > 20_000
    screen = show(player)
    measured = screen.page.evaluate(
        """() => {
            const p = document.querySelector(".gpusim-player").gpusim, spent = [];
            p.go(p.last - 200);
            for (const by of [1, -1]) {
                for (let i = 0; i < 60; i++) {
                    const start = performance.now();
                    p.move(by);
                    spent.push(performance.now() - start);
                }
            }
            spent.sort((a, b) => a - b);
            return [spent[60], spent[113], p.last];
        }"""
    )
    median, worst, last = measured
    assert last > 20_000
    assert median < 16, measured
    assert worst < 50, measured


def test_launches_of_a_script_can_be_stepped_through(browser, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        """import numpy as np
from numba import cuda

@cuda.jit
def double(a):
    i = cuda.grid(1)
    a[i] *= 2

double[2, 8](np.ones(16))
""",
        encoding="utf-8",
    )
    assert main(["run", "--quiet", "--html", str(tmp_path / "page.html"), str(program)]) == 0
    screen = Screen(browser, (tmp_path / "page.html").as_uri())
    screen.press("End")
    assert "Thread 0 reads a[0] = 1, writes a[0] = 2" in screen.text(".say")
    assert screen.problems == []
    screen.context.close()
