"""Pictures: well-formed, complete, legible, and saying what the run counted."""

import re
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim.view import draw
from gpusim.view.layout import plan
from gpusim.view.model import scene
from gpusim.view.palette import DARK, LIGHT, strength
from gpusim.view.picture import compose
from gpusim.view.shapes import Label
from gpusim.view.svg import flatten

SVG = "{http://www.w3.org/2000/svg}"


@cuda.jit
def shared_product(c, a, b):
    a_tile = cuda.shared.array((3, 3), float32)
    b_tile = cuda.shared.array((3, 3), float32)
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    total = float32(0)
    for first in range(0, a.shape[1], 3):
        a_tile[y, x] = a[i, first + x]
        b_tile[y, x] = b[first + y, j]
        cuda.syncthreads()
        for k in range(3):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
    c[i, j] = total


@cuda.jit
def scale(x):
    i = cuda.grid(1)
    if i < x.size:
        x[i] = 2 * x[i]


@cuda.jit
def histogram(counts, x):
    i = cuda.grid(1)
    if i < x.size:
        cuda.atomic.add(counts, x[i], 1)


@cuda.jit
def block_sum(out, x):
    cache = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    cache[t] = x[cuda.grid(1)]
    cuda.syncthreads()
    step = 16
    while step > 0:
        if t < step:
            cache[t] += cache[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


@cuda.jit
def fill_planes(x):
    i, j, k = cuda.grid(3)
    x[k, j, i] = i


def product_run(n):
    rng = np.random.default_rng(1)
    matrices = [rng.random((n, n), dtype=np.float32) for _ in "cab"]
    return gpusim.simulate(shared_product)[(n // 3, n // 3), (3, 3)](*matrices)


RUNS = {
    "one block": (lambda: product_run(3), {}),
    "a thread": (lambda: product_run(6), {"block": (1, 0), "thread": (0, 1)}),
    "many stages": (lambda: product_run(18), {"block": 35}),
    "no barrier": (lambda: gpusim.simulate(scale)[4, 64](np.ones(250, np.float32)), {"block": 3, "thread": 0}),
    "atomics": (lambda: gpusim.simulate(histogram)[1, 16](np.zeros(5, np.int64), np.arange(16) % 5), {}),
    "reduction": (lambda: gpusim.simulate(block_sum)[2, 32](np.zeros(2), np.ones(64, np.float32)), {}),
    "three dimensions": (lambda: gpusim.simulate(fill_planes)[1, (4, 3, 2)](np.zeros((2, 3, 4))), {}),
    "bins": (
        lambda: gpusim.simulate(scale, trace=True)[64, 256](np.ones(128 * 128, np.float32)),
        {"block": 5},
    ),
}


@pytest.fixture(scope="module", params=RUNS)
def drawn(request):
    make, choice = RUNS[request.param]
    run = make()
    return run, choice, draw(run, **choice).svg


def texts(svg):
    return ["".join(e.itertext()) for e in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_pictures_are_well_formed_and_refer_to_nothing(drawn):
    _, _, svg = drawn
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|href|url\(|@import", svg)
    assert len(svg) < 600_000


def test_nothing_overlaps_and_nothing_is_cut_off(drawn):
    run, choice, _ = drawn
    diagram, width, height = compose(run, scene(run, **choice), "a title")
    placed = flatten(diagram)
    for item in placed:
        left, top, right, bottom = item.box
        assert left >= -0.01 and top >= -0.01 and right <= width + 0.01 and bottom <= height + 0.01
    labels = [item for item in placed if isinstance(item.shape, Label)]
    assert all(item.shape.size >= 7.5 for item in labels)
    boxes = [(item.box, item.shape.text) for item in labels]
    for i, ((l1, t1, r1, b1), one) in enumerate(boxes):
        for (l2, t2, r2, b2), other in boxes[i + 1 :]:
            apart = r1 <= l2 + 0.6 or r2 <= l1 + 0.6 or b1 <= t2 or b2 <= t1
            assert apart, f"{one!r} and {other!r} overlap"


def test_pictures_fit_a_notebook(drawn):
    _, _, svg = drawn
    assert float(ElementTree.fromstring(svg).get("width")) <= 900


def test_labels_say_what_the_block_did(drawn):
    run, choice, svg = drawn
    shown, words = scene(run, **choice), texts(svg)
    for touched in shown.whole.touched.values():
        for tally, one in ((touched.reads, "read"), (touched.writes, "write"), (touched.atomics, "atomic")):
            if tally.total:
                assert f"{tally.total:,} {one}{'s' * (tally.total != 1)}" in words


def test_highlighted_cells_are_the_touched_ones():
    run = product_run(6)
    root = ElementTree.fromstring(draw(run, block=3).svg)
    tips = Counter(title.text for title in root.iter(f"{SVG}title"))
    shown = scene(run, 3)
    for stage in (shown.whole, *shown.stages):
        for name, touched in stage.touched.items():
            reads = dict(zip(touched.reads.index.tolist(), touched.reads.count.tolist(), strict=True))
            writes = dict(zip(touched.writes.index.tolist(), touched.writes.count.tolist(), strict=True))
            columns = run.arrays[name]["shape"][1]
            for element in reads.keys() | writes.keys():
                said = [
                    f"{n} {w}{'s' * (n != 1)}"
                    for n, w in ((reads.get(element), "read"), (writes.get(element), "write"))
                    if n
                ]
                tips[f"{name}[{element // columns}, {element % columns}]: {', '.join(said)}"] -= 1
    rest = {tip for tip, count in tips.items() if count}
    assert not any(tip.startswith(("a[", "b[", "c[", "a_tile[", "b_tile[")) for tip in rest)


def test_counts_of_a_single_block_are_those_of_the_run():
    run = product_run(3)
    words = texts(draw(run).svg)
    assert run.arrays["a"]["loads"] == 9 and run.arrays["a_tile"]["loads"] == 27
    assert words.count("9 reads") >= 2 and words.count("27 reads") >= 2
    assert not any("in all blocks" in word for word in words)


def test_counts_of_all_blocks_stand_beside_those_of_one():
    run = product_run(6)
    words = texts(draw(run).svg)
    assert "18 reads" in words and f"{run.arrays['a']['loads']} in all blocks" in words


def test_barriers_and_stages_are_named():
    run = product_run(6)
    words = texts(draw(run).svg)
    barrier = next(number for number, text in run.source if "syncthreads" in text)
    assert [word for word in words if word.startswith("stage ")] == [f"stage {k}" for k in range(5)]
    assert f"barrier, line {barrier}" in words


def test_many_stages_are_abridged():
    words = texts(draw(product_run(18)).svg)
    assert "6 more stages with their barriers" in words
    assert [w for w in words if w.startswith("stage ")] == [f"stage {k}" for k in (0, 1, 2, 3, 4, 11, 12)]


def test_colours_come_from_the_palette_and_have_a_dark_counterpart(drawn):
    _, _, svg = drawn
    assert DARK.keys() == LIGHT.keys()
    style = ElementTree.fromstring(svg).find(f"{SVG}style").text
    painted = re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg)
    assert painted and set(painted) <= set(LIGHT.values())
    for name in re.findall(r'class="([^"]+)"', svg):
        for role in re.findall(r"[fs]-(\w+)", name):
            assert f"-{role}{{" in style and style.count(f"--{role}:") == 4


def test_strength_grows_with_the_count():
    values = [strength(count, 1000) for count in (1, 2, 10, 100, 1000)]
    assert values == sorted(values) and values[0] > 0.2 and values[-1] < 0.96


def test_titles_are_escaped():
    run = product_run(3)
    svg = draw(run, title="<b> & c").svg
    assert "<b> & c" in texts(svg)


def test_a_picture_can_be_saved_and_shown(tmp_path):
    picture = draw(product_run(3))
    assert picture.save(tmp_path / "picture.svg").read_text(encoding="utf-8") == picture.svg
    assert picture._repr_svg_() == picture.svg
    assert ElementTree.fromstring(picture._repr_html_())[0].attrib["viewBox"] in picture.svg


def test_without_the_drawing_library_one_sentence_says_so(monkeypatch):
    run = product_run(3)
    monkeypatch.setitem(sys.modules, "chalk", None)
    for name in [name for name in sys.modules if name.startswith("gpusim.view.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(gpusim.GpusimError, match="pip install chalk-diagrams"):
        draw(run)


def test_importing_gpusim_imports_no_drawing():
    code = "import sys, gpusim, gpusim.view; print([m for m in ('chalk', 'rich', 'torch') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_where_nothing_is_used_twice_cells_name_their_thread():
    @cuda.jit
    def copy(out, a):
        i = cuda.grid(1)
        if i < out.size:
            out[i] = a[a.size - 1 - i]

    run = gpusim.simulate(copy, trace=True)[2, 4](np.zeros(7), np.arange(7.0))
    drawn = draw(run)
    words = texts(drawn.svg)
    touched = scene(run).whole.touched  # block 0 reads the end and writes the start
    assert touched["a"].users == {6: 0, 5: 1, 4: 2, 3: 3} and touched["a"].others.tolist() == [0, 1, 2]
    assert touched["out"].users == {0: 0, 1: 1, 2: 2, 3: 3} and touched["out"].others.tolist() == [4, 5, 6]
    assert [words.count(thread) for thread in "0123"] == [3, 3, 3, 3]
    assert "in a cell: the thread that uses it" in words
    assert "other blocks" in words


def test_an_example_is_outlined_that_touches_most():
    run = product_run(3)
    assert "thread (0, 2) outlined" in " ".join(texts(draw(run).svg))
    assert "thread (1, 1) outlined" in " ".join(texts(draw(run, thread=(1, 1)).svg))


@cuda.jit
def naive(c, a, b):
    j, i = cuda.grid(2)
    if i < c.shape[0] and j < c.shape[1]:
        total = 0.0
        for k in range(a.shape[1]):
            total += a[i, k] * b[k, j]
        c[i, j] = total


@cuda.jit
def added(c, a, b):
    j, i = cuda.grid(2)
    for k in range(a.shape[1]):
        c[i, j] = a[i, k] + b[i, k]


@pytest.mark.parametrize(("rows", "depth", "columns"), [(3, 3, 3), (2, 5, 4), (4, 1, 2)])
@pytest.mark.parametrize("turned", [False, True])
def test_in_a_product_row_and_column_meet(rows, depth, columns, turned):
    c, a, b = np.zeros((rows, columns)), np.ones((rows, depth)), np.ones((depth, columns))
    run = gpusim.simulate(naive, trace=True)[1, (columns, rows)](c, a, b)
    if turned:  # the parameters' order is not what tells them apart
        run = gpusim.simulate(swapped, trace=True)[1, (columns, rows)](c, b, a)
    layout = plan(run, scene(run))
    assert [column.array for column in layout.columns] == [None, "a", "c"]
    assert layout.above.array == "b"
    assert (layout.above.centre, layout.above.cell) == (layout.columns[-1].centre, layout.columns[-1].cell)
    assert f"{rows * depth * columns} reads" in texts(draw(run).svg)


@cuda.jit
def swapped(c, b, a):
    j, i = cuda.grid(2)
    total = 0.0
    for k in range(a.shape[1]):
        total += a[i, k] * b[k, j]
    c[i, j] = total


def test_what_is_no_product_stays_in_a_row():
    run = gpusim.simulate(added, trace=True)[1, (3, 3)](*(np.ones((3, 3)) for _ in range(3)))
    layout = plan(run, scene(run))
    assert layout.above is None
    assert [column.array for column in layout.columns] == [None, "a", "b", "c"]
