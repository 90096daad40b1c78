"""racecheck: correct programs that look dangerous are clean, and what is reported is said well."""

from __future__ import annotations

import numpy as np
import pytest
from numba import boolean, complex128, cuda, float32, int8, int32

import gpusim
from gpusim.findings.accounts import accounts

ALL = 0xFFFFFFFF
BLOCKS, N = 4, 64
RECORD = np.dtype([("a", np.int16), ("b", np.uint8), ("c", np.uint8), ("d", np.float32)])


# Correct programs


def bytes_of_one_word(out, a):
    tile = cuda.shared.array(N, int8)
    t = cuda.threadIdx.x
    tile[t] = t % 100
    if t % 4 == 0:
        out[cuda.grid(1)] = tile[t]


def fields_of_one_record(out, a):
    items = cuda.shared.array(N, RECORD)
    t = cuda.threadIdx.x
    place = t // 4
    if t % 4 == 0:
        items[place].a = t
    elif t % 4 == 1:
        items[place].b = t
    elif t % 4 == 2:
        items[place].c = t
    else:
        items[place].d = t
    cuda.syncthreads()
    out[cuda.grid(1)] = items[place].a + items[place].b + items[place].c + items[place].d


def wide_elements(out, a):
    tile = cuda.shared.array(N, complex128)
    t = cuda.threadIdx.x
    tile[t] = t
    cuda.syncthreads()
    out[cuda.grid(1)] = tile[N - 1 - t].real


def one_barrier_for_two_buffers(out, a):
    rows = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    rows[0, t] = a[cuda.grid(1)]
    for k in range(6):
        cuda.syncthreads()
        rows[(k + 1) % 2, t] = rows[k % 2, (t + 1) % N] + 1
    out[cuda.grid(1)] = rows[0, t]


def own_element_again_and_again(out, a):
    i = cuda.grid(1)
    for k in range(5):
        out[i] = out[i] + a[i] * k


def atomics_only(out, a):
    cuda.atomic.add(out, 0, a[cuda.grid(1)])
    cuda.atomic.max(out, 1, a[cuda.grid(1)])


def private_histograms(out, a):
    bins = cuda.shared.array((2, 8), int32)
    t = cuda.threadIdx.x
    if t < 16:
        bins[t // 8, t % 8] = 0
    cuda.syncthreads()
    cuda.atomic.add(bins, (t // 32, int32(a[cuda.grid(1)]) % 8), 1)
    cuda.syncthreads()
    if t < 8:
        cuda.atomic.add(out, t, bins[0, t] + bins[1, t])


def work_queue(out, a, count):
    place = cuda.atomic.add(count, 0, 1)
    while place < a.size:
        out[place] = a[place] * 2
        place = cuda.atomic.add(count, 0, 1)


def warp_aggregated_counter(out, a, count):
    i = cuda.grid(1)
    chosen = cuda.ballot_sync(ALL, a[i] > 4)
    start = 0
    if cuda.laneid == 0:
        start = cuda.atomic.add(count, 0, cuda.popc(chosen))
    start = cuda.shfl_sync(ALL, start, 0)
    if a[i] > 4:
        out[start + cuda.popc(chosen & cuda.lanemask_lt())] = a[i]


def last_block_of_all(out, a, count):
    part = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    out[cuda.grid(1)] = a[cuda.grid(1)]
    cuda.threadfence()
    cuda.syncthreads()
    if t == 0:
        cuda.threadfence()
        part[0] = cuda.atomic.inc(count, 0, cuda.gridDim.x - 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    cuda.threadfence()
    if part[0]:
        for k in range(t, out.size, N):
            out[k] = out[k] + 1
        if t == 0:
            count[0] = 0


def ticket_lock(out, a, count):
    if cuda.threadIdx.x == 0:
        ticket = cuda.atomic.add(count, 0, 1)
        while cuda.atomic.add(count, 1, 0) != ticket:
            pass
        cuda.threadfence()
        out[0] = out[0] + a[cuda.blockIdx.x]
        cuda.threadfence()
        cuda.atomic.add(count, 1, 1)


def lock_of_the_block(out, a):
    lock = cuda.shared.array(1, int32)
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        lock[0] = 0
        total[0] = 0
    cuda.syncthreads()
    if t % 32 == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.threadfence_block()
        total[0] = total[0] + a[t]
        cuda.threadfence_block()
        cuda.atomic.exch(lock, 0, 0)
    cuda.syncthreads()
    out[cuda.grid(1)] = total[0]


def chain_of_blocks(out, a, count):
    """Each block waits for the one before it."""
    if cuda.threadIdx.x == 0:
        while cuda.atomic.add(count, 0, 0) != cuda.blockIdx.x:
            pass
        cuda.threadfence()
        before = float32(0)
        if cuda.blockIdx.x > 0:
            before = out[cuda.blockIdx.x - 1]
        out[cuda.blockIdx.x] = before + a[cuda.blockIdx.x]
        cuda.threadfence()
        cuda.atomic.add(count, 0, 1)


TRICKY = [
    bytes_of_one_word,
    fields_of_one_record,
    wide_elements,
    one_barrier_for_two_buffers,
    own_element_again_and_again,
    atomics_only,
    private_histograms,
    lock_of_the_block,
    work_queue,
    warp_aggregated_counter,
    last_block_of_all,
    ticket_lock,
    chain_of_blocks,
]


@pytest.mark.parametrize("scheduler", ["auto", "threads"])
@pytest.mark.parametrize("kernel", TRICKY, ids=lambda kernel: kernel.__name__)
def test_tricky_but_correct(kernel, scheduler):
    a = np.random.default_rng(1).integers(1, 9, BLOCKS * N).astype(np.float32)
    count = np.zeros(2, np.uint32 if kernel is last_block_of_all else np.int32)  # as atomic.inc has it
    arguments = [np.zeros(BLOCKS * N, np.float32), a, count][: kernel.__code__.co_argcount]
    run = gpusim.simulate(cuda.jit(kernel), scheduler=scheduler)[BLOCKS, N](*arguments)
    assert run.findings == []


def test_a_lane_may_store_what_is_there_already():
    """As numba-cuda's own test of `syncwarp` does: lanes have read the element that one lane stores again."""

    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        if i == 0:
            out[0] = 42
        cuda.syncwarp()
        out[i] = out[0]

    assert gpusim.simulate(kernel)[1, 32](np.zeros(32)).findings == []


def test_results_of_chains_and_locks():
    a = np.arange(1, BLOCKS * N + 1, dtype=np.float32)
    for kernel, expected in ((chain_of_blocks, np.cumsum(a[:BLOCKS])), (ticket_lock, [a[:BLOCKS].sum(), 0, 0, 0])):
        out = np.zeros(BLOCKS * N, np.float32)
        gpusim.simulate(cuda.jit(kernel))[BLOCKS, N](out, a, np.zeros(2, np.int32))
        np.testing.assert_array_equal(out[:BLOCKS], expected)


# What is said


def test_a_race_names_both_threads_both_lines_and_a_fix():
    @cuda.jit
    def kernel(out, a):
        tile = cuda.shared.array((2, 40), float32)
        t = cuda.threadIdx.x
        tile[t % 2, t // 2] = a[t]
        out[t] = tile[1, (t + 1) // 2 % 32]

    (finding,) = gpusim.simulate(kernel)[1, 64](np.zeros(64), np.ones(64)).findings
    first = kernel.py_func.__code__.co_firstlineno
    assert (finding.tool, finding.kind, finding.severity) == ("racecheck", "read-after-write", "error")
    assert (finding.space, finding.array, finding.line) == ("shared", "tile", first + 5)
    assert finding.other == {"line": first + 4, "file": __file__, "block": (0, 0, 0), "thread": (33, 0, 0)}
    assert finding.thread == (31, 0, 0)
    assert finding.what == (
        "race on shared array 'tile' at [1, 16]: thread (31, 0, 0) of block (0, 0, 0) reads it here, thread (33, 0, 0) "
        f"of the same block writes it in line {first + 4}, and no barrier lies between"
    )
    assert finding.fix == "Put cuda.syncthreads() between the two, or give each thread its own element."


def test_a_lost_update_is_called_by_its_name():
    @cuda.jit
    def kernel(out):
        out[0] += 1

    for grid, block in ((1, 32), (1, 64), (4, 1), (300, 256)):
        (finding,) = gpusim.simulate(kernel)[grid, block](np.zeros(1)).findings
        assert (finding.kind, finding.severity) == ("lost-update", "error")
        assert "cuda.atomic.add" in finding.fix


@pytest.mark.parametrize(
    ("grid", "block", "fix"),
    [
        (1, 2, "Use an atomic for both, or put cuda.syncwarp() or cuda.syncthreads() between the two."),
        (1, 64, "Use an atomic for both, or put cuda.syncthreads() between the two."),
        (
            2,
            1,
            "Use an atomic for both, split the kernel into two launches, or order the two by an atomic flag, with "
            "cuda.threadfence() before it is set and after it is read.",
        ),
    ],
)
def test_a_store_into_what_others_update_can_be_an_atomic(grid, block, fix):
    @cuda.jit
    def kernel(lock):
        if cuda.grid(1) == 0:
            lock[0] = 1
        else:
            cuda.atomic.cas(lock, 0, 0, 2)

    found = gpusim.simulate(kernel)[grid, block](np.zeros(1, np.int32)).findings
    assert fix in [finding.fix for finding in found]


def test_repeats_are_folded_with_their_number():
    @cuda.jit
    def kernel(out):
        t = cuda.threadIdx.x
        for k in range(10):
            out[t // 2] = t + k

    (finding,) = gpusim.simulate(kernel)[1, 32](np.zeros(16)).findings
    assert finding.count >= 10 * 16


def test_severity_of_writes_of_the_same_value():
    @cuda.jit
    def kernel(out, a):
        out[0] = a[cuda.grid(1)]

    for values, severity in ((np.ones(64), "warning"), (np.arange(64.0), "error")):
        (finding,) = gpusim.simulate(kernel)[2, 32](np.zeros(1), values).findings
        assert (finding.kind, finding.severity) == ("write-after-write", severity)


# Which accesses are remembered


def severities(kernel, *arguments, grid=1, block=64):
    run = gpusim.simulate(kernel)[grid, block](*arguments)
    return {(finding.kind, finding.severity) for finding in run.findings}


def test_the_writer_before_the_last_is_not_forgotten():
    """Threads 5 and 40 write the same, which is a warning; 40 then reads what 5 may have written."""

    @cuda.jit
    def kernel(out):
        flag = cuda.shared.array(1, float32)
        t = cuda.threadIdx.x
        if t == 5 or t == 40:
            flag[0] = 1
        if t == 40:
            out[0] = flag[0]

    assert severities(kernel, np.zeros(1)) == {("write-after-write", "warning"), ("read-after-write", "error")}


@pytest.mark.parametrize("writer", [0, 31, 32, 63])
def test_of_many_readers_every_kind_is_remembered(writer):
    @cuda.jit
    def kernel(out, who):
        tile = cuda.shared.array(1, float32)
        t = cuda.threadIdx.x
        if t == who:
            tile[0] = 1
        cuda.syncthreads()
        out[t] = tile[0]
        if t == who:
            tile[0] = 2

    assert severities(kernel, np.zeros(64), writer) == {("write-after-read", "error")}


@pytest.mark.parametrize("reader", [0, 31])
def test_of_readers_in_one_warp_the_others_are_remembered(reader):
    @cuda.jit
    def kernel(out, who):
        tile = cuda.shared.array(1, float32)
        t = cuda.threadIdx.x
        if t == who:
            tile[0] = 1
        cuda.syncwarp()
        out[t] = tile[0]
        if t == who:
            tile[0] = 2

    assert severities(kernel, np.zeros(32), reader, block=32) == {("write-after-read", "warning")}


@pytest.mark.parametrize("reader", [0, 255])
def test_of_atomic_updates_those_of_other_blocks_are_remembered(reader):
    @cuda.jit
    def kernel(out, total, who):
        cuda.atomic.add(total, 0, 1)
        cuda.syncthreads()
        if cuda.grid(1) == who:
            out[0] = total[0]

    assert severities(kernel, np.zeros(1), np.zeros(1), reader, grid=4) == {("read-after-atomic", "error")}


def test_races_between_chunks_that_never_run_together():
    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        if i == 0 or i == out.size - 1:
            out[5] = i

    out = np.zeros(100_000)
    assert severities(kernel, out, grid=1000, block=100) == {("write-after-write", "error")}


def test_loads_that_were_put_off_are_entered_in_the_end(monkeypatch):
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        total = 0.0
        for k in range(20):
            total += a[(i + k) % a.size]
        out[i] = total
        if i == a.size - 1:
            a[0] = total

    from gpusim.observe.race import shadow

    for cost in (shadow.PUT_OFF_COST, 300):
        monkeypatch.setattr(shadow, "PUT_OFF_COST", cost)
        assert severities(kernel, np.zeros(256), np.ones(256), grid=4) == {("write-after-read", "error")}


# Names for the same memory


@cuda.jit
def next_plus_one(left, right):
    i = cuda.grid(1)
    if i < left.size:
        left[i] = right[i] + 1


def test_arguments_that_overlap():
    memory = np.arange(129.0)
    assert severities(next_plus_one, memory[:-1], memory[1:], grid=2) == {("write-after-read", "error")}


def test_arguments_side_by_side_or_interleaved():
    memory = np.arange(128.0)
    assert severities(next_plus_one, memory[:64], memory[64:], grid=2) == set()
    np.testing.assert_array_equal(memory, [*np.arange(65.0, 129), *np.arange(64.0, 128)])
    memory = np.arange(128.0)
    assert severities(next_plus_one, memory[::2], memory[1::2], grid=2) == set()
    np.testing.assert_array_equal(memory[::2], np.arange(2, 130, 2))


# What is easily overlooked


def test_a_write_before_the_same_thread_writes_again():
    @cuda.jit
    def kernel(out, a):
        s = cuda.shared.array(N, float32)
        t = cuda.threadIdx.x
        s[t] = a[t]
        s[0] = 1  # thread 0 writes it twice, the others once, with another value than thread 0 at first
        cuda.syncthreads()
        out[cuda.grid(1)] = s[t]

    found = gpusim.simulate(kernel)[1, N](np.zeros(N), np.full(N, 2.0)).findings
    assert [(f.kind, f.severity, f.other["line"] - f.line) for f in found] == [
        ("write-after-write", "warning", 0),
        ("write-after-write", "error", -1),
    ]


def test_a_store_of_what_an_atomic_has_just_left():
    """The other way round, the atomic would add to it."""

    @cuda.jit
    def kernel(out, a):
        s = cuda.shared.array(1, int32)
        t = cuda.threadIdx.x
        if t == 0:
            s[0] = 0
        cuda.syncthreads()
        cuda.atomic.add(s, 0, 1)
        if t == 1:
            s[0] = 32
        cuda.syncthreads()
        out[cuda.grid(1)] = s[0]

    assert severities(kernel, np.zeros(32), np.zeros(1), grid=1, block=32) == {("write-after-atomic", "warning")}


def test_the_races_of_a_lock_without_fences_are_told_as_one():
    @cuda.jit
    def locked(lock, total, count, a, first, last):
        if cuda.threadIdx.x == 0:
            while cuda.atomic.cas(lock, 0, 0, 1) != 0:
                pass
            if first:
                cuda.threadfence()
            total[0] += a[cuda.grid(1)]
            count[0] = count[0] + total[0]
            if last:
                cuda.threadfence()
            cuda.atomic.exch(lock, 0, 0)

    def launch(first, last):
        arguments = np.zeros(1, np.int32), np.zeros(1), np.zeros(1), np.ones(64), first, last
        return gpusim.simulate(locked)[2, 32](*arguments).findings

    found = launch(False, False)
    assert len(found) > 2 and {finding.tool for finding in found} == {"racecheck"}
    [told] = accounts(found, {})
    assert "the lock 'lock'" in told.what and "threadfence" in told.fix
    assert f"{len(found)} races" in told.also and "'total', 'count'" in told.also
    assert "after taking the lock and before releasing it" in told.fix
    [told] = accounts(launch(False, True), {})
    assert "the lock 'lock'" in told.what and told.fix.endswith("after taking the lock.")
    [told] = accounts(launch(True, False), {})
    assert "the lock 'lock'" in told.what and told.fix.endswith("before releasing it.")
    assert launch(True, True) == []


@cuda.jit
def all_write_one(out, other):
    out[1, 2] = cuda.threadIdx.x


@cuda.jit
def all_write_second(out, other):
    out[1] = cuda.threadIdx.x


def place_of(kernel, *arguments):
    [finding] = gpusim.simulate(kernel)[1, 2](*arguments).findings
    return finding.message.split(" at ")[1].split(":")[0]


def test_the_element_is_named_as_the_kernel_names_it():
    """Whatever the order of the elements in memory, and where the argument lies in the array that it is a part of."""
    none = np.zeros(1)
    assert place_of(all_write_one, np.zeros((3, 4)), none) == "[1, 2]"
    assert place_of(all_write_one, np.zeros((3, 4), order="F"), none) == "[1, 2]"
    assert place_of(all_write_one, np.zeros((4, 3)).T, none) == "[1, 2]"
    whole = np.zeros(16)
    assert place_of(all_write_second, whole[8:], whole[6:]) == "[1]"
    with gpusim.install() as session:
        all_write_second[1, 2](cuda.to_device(whole)[8:], none)
        all_write_second[1, 2](cuda.to_device(whole.reshape(4, 4))[2], none)
    assert [finding.message.split(" at ")[1].split(":")[0] for finding in session.findings] == ["[1]"]
