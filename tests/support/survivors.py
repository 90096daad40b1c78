"""Mutants of the solutions that pass, and are right all the same: what was changed, and why it makes no difference.

Found by `pytest -m slow tests/puzzles/test_mutations.py`, which fails for a survivor of these puzzles that is not here.
Each entry has the line as it was and as it is in the mutant.
"""

LARGER = "the array has an element more, which nobody uses"
SAME_SUM = "a butterfly over 17, 8, 4, 2, 1 reaches all lanes as well, and an exact or a tolerated sum is the same"
SAME_THREAD = "every thread has the number that is stored, and one of them is enough"
ONE_ZERO = "the other factor is 0 there, and one zero is enough"
BEYOND = "it only reaches threads beyond the end, whose numbers nobody uses"
NO_OP = "another round, in which no thread has a neighbour that far away"

SURVIVORS: dict[str, dict[tuple[str, str], str]] = {
    "warp-max": {("step = 16", "step = 17"): SAME_SUM},
    "warp-scan": {
        ("while step < 32:", "while step <= 32:"): NO_OP,
        ("while step < 32:", "while step < 33:"): NO_OP,
    },
    "occupancy": {
        ("tile = cuda.shared.array((THREADS, 9), float32)", "tile = cuda.shared.array((THREADS, 10), float32)"): LARGER
    },
    "pooling": {
        (
            "tile[0] = a[i - 1] if i > 0 else float32(0)",
            "tile[0] = a[i - 1] if i > 1 else float32(0)",
        ): "the first thread of a block has no index 1"
    },
    "grid-scan": {
        ("while step < THREADS:", "while step <= THREADS:"): NO_OP,
        (
            "total = a[i] if i < a.shape[0] else float32(0)",
            "total = a[i] if i < a.shape[0] else float32(1)",
        ): "the last block's total is not added to anything",
        (
            "total = sums[t] if t < sums.shape[0] else float32(0)",
            "total = sums[t] if t < sums.shape[0] else float32(1)",
        ): BEYOND,
    },
    "stencil": {
        ("rods = cuda.shared.array((2, POINTS), float32)", "rods = cuda.shared.array((3, POINTS), float32)"): LARGER,
        ("out[t] = rods[STEPS % 2, t]", "out[t] = rods[STEPS % 3, t]"): "STEPS is 6",
    },
    "last-block": {
        ("halves = cuda.shared.array(2, float32)", "halves = cuda.shared.array(3, float32)"): LARGER,
        ("before = cuda.shared.array(1, int32)", "before = cuda.shared.array(2, int32)"): LARGER,
        ("if t == 0:", "if t == 1:"): SAME_THREAD,
    },
    "ordered-blending": {
        ("number = cuda.shared.array(1, int32)", "number = cuda.shared.array(2, int32)"): LARGER,
        ("if p == 0:", "if p == 1:"): "any thread can wait for the others, and there are 64",
        ("", ""): "`pass` in place of `pass`",
    },
    "gemm-shared-3x3": {("n = c.shape[0]", "n = c.shape[1]"): "the matrices are square"},
    "gemm-tiled-6x6": {("n = c.shape[0]", "n = c.shape[1]"): "the matrices are square"},
    "gemm-any-size": {
        ("a_tile[y, x] = float32(0)", "a_tile[y, x] = float32(1)"): ONE_ZERO,
        ("b_tile[y, x] = float32(0)", "b_tile[y, x] = float32(1)"): ONE_ZERO,
    },
    "gemm-register-tile": {
        ("right = cuda.local.array(4, float32)", "right = cuda.local.array(5, float32)"): LARGER,
        ("totals = cuda.local.array((4, 4), float32)", "totals = cuda.local.array((5, 4), float32)"): LARGER,
        ("totals = cuda.local.array((4, 4), float32)", "totals = cuda.local.array((4, 5), float32)"): LARGER,
        ("totals[r, s] = float32(0)", "totals[s, r] = float32(0)"): "both orders set all 16",
    },
    "gemm-wide-loads": {
        ("right = cuda.local.array(4, float32)", "right = cuda.local.array(5, float32)"): LARGER,
        ("totals = cuda.local.array((4, 4), float32)", "totals = cuda.local.array((5, 4), float32)"): LARGER,
        ("totals = cuda.local.array((4, 4), float32)", "totals = cuda.local.array((4, 5), float32)"): LARGER,
        ("totals[r, s] = float32(0)", "totals[s, r] = float32(0)"): "both orders set all 16",
    },
    "gemm-split-k": {
        (
            "a_tile[y, x] = a[i, first + x] if i < m and first + x < stop else float32(0)",
            "a_tile[y, x] = a[i, first + x] if i < m and first + x < stop else float32(1)",
        ): ONE_ZERO,
        (
            "b_tile[y, x] = b[first + y, j] if j < n and first + y < stop else float32(0)",
            "b_tile[y, x] = b[first + y, j] if j < n and first + y < stop else float32(1)",
        ): ONE_ZERO,
    },
    "gemm-int8-weights": {
        (
            "x_tile[k // DEPTH, k % DEPTH] = x[r, first + k % DEPTH] if r < m else float32(0)",
            "x_tile[k // DEPTH, k % DEPTH] = x[r, first + k % DEPTH] if r < m else float32(1)",
        ): BEYOND,
    },
    "sampling": {("mass = cuda.shared.array(1, float32)", "mass = cuda.shared.array(2, float32)"): LARGER},
    "decode-split": {
        ("if t == 0:", "if t == 1:"): SAME_THREAD,
        ("score = float32(0)", "score = float32(1)"): "softmax does not change when all scores are 1 higher",
        ("total = float32(0)", "total = float32(1)"): "the first stretch shrinks it to 0",
        ("weighted = float32(0)", "weighted = float32(1)"): "the first stretch shrinks it to 0",
    },
    "layer-norm": {},
    "layer-norm-once": {
        ("step = 16", "step = 17"): SAME_SUM,
        ("if cuda.laneid == 0:", "if cuda.laneid == 1:"): SAME_THREAD,
        ("sums = cuda.shared.array(2, float32)", "sums = cuda.shared.array(3, float32)"): LARGER,
    },
    "residual-rms-norm": {("step = 16", "step = 17"): SAME_SUM},
    "layer-norm-backward": {},
    "compact": {},
    "softmax-warp": {("step = 16", "step = 17"): SAME_SUM},
    "cross-entropy": {("total = float32(0)", "total = float32(1)"): "the first element shrinks it to 0"},
    "perplexity": {
        ("step = 16", "step = 17"): SAME_SUM,
        ("total = float32(0)", "total = float32(1)"): "the first element shrinks it to 0",
    },
}
for clean in (
    *("map", "zip", "guard", "map-2d", "add-bias", "broadcast", "blocks", "blocks-2d", "grid-stride", "structures"),
    *("clamp", "warp-sum", "reverse", "transpose", "histogram", "bitonic-sort", "sparse-matrix", "gemm-naive-3x3"),
    *("gemm-naive-6x6", "gemm-block-sparse", "softmax-three-pass", "softmax-online"),
):
    SURVIVORS[clean] = {}
