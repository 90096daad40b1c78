"""A step of training as launches of the kernels of `five_steps`, and what they read of global memory."""

from puzzles.spec import Launch, Size


def launches(size: Size, tile: int, lanes: int, rows: int) -> tuple[Launch, ...]:
    """23 launches a step.

    tile: side of the square tiles of a product; lanes: threads of a warp; rows: rows of a block of `cross_entropy`.
    """
    return tuple(launch for step in range(size["steps"]) for launch in one_step(size, step, tile, lanes, rows))


def one_step(size: Size, step: int, tile: int, lanes: int, rows: int) -> list[Launch]:
    """Forward, the loss, backward in the opposite order, Adam."""
    t, v, d = size["t"], size["v"], size["d"]
    position = v
    wq, wk, wv, wo = (v + t + n * d for n in range(4))
    owners = (-(-t // lanes),), (lanes,)

    def product(kernel: str, m: int, n: int, *arguments: str | int) -> Launch:
        return Launch((-(-n // tile), -(-m // tile)), (tile, tile), kernel=kernel, arguments=arguments)

    def rowwise(kernel: str, count: int, *arguments: str | int) -> Launch:
        return Launch((count,), (d,), kernel=kernel, arguments=arguments)

    return [
        rowwise("embed", t, "x", "h", "text", "weights", step, position),
        product("times", t, d, "q", "x", "weights", wq, 0),
        product("times", t, d, "k", "x", "weights", wk, 0),
        product("times", t, d, "v", "x", "weights", wv, 0),
        Launch(*owners, kernel="attend", arguments=("mixed", "lse", "q", "k", "v")),
        product("times", t, d, "h", "mixed", "weights", wo, 1),
        product("times_transposed", t, v, "logits", "h", "weights", 0, 0),
        Launch(
            (-(-t // rows),),
            (lanes, rows),
            kernel="cross_entropy",
            arguments=("dlogits", "each", "logits", "text", step),
        ),
        Launch((1,), (lanes,), kernel="mean_loss", arguments=("losses", "each", step)),
        product("transposed_times", v, d, "gradients", "dlogits", "h", 0),
        product("times", t, d, "dh", "dlogits", "weights", 0, 0),
        product("transposed_times", d, d, "gradients", "mixed", "dh", wo),
        product("times_transposed", t, d, "dmixed", "dh", "weights", wo, 0),
        Launch(*owners, kernel="attend_queries", arguments=("dq", "delta", "q", "k", "v", "mixed", "dmixed", "lse")),
        Launch(*owners, kernel="attend_keys", arguments=("dk", "dv", "delta", "q", "k", "v", "dmixed", "lse")),
        product("transposed_times", d, d, "gradients", "x", "dq", wq),
        product("transposed_times", d, d, "gradients", "x", "dk", wk),
        product("transposed_times", d, d, "gradients", "x", "dv", wv),
        product("times_transposed", t, d, "dh", "dq", "weights", wq, 1),
        product("times_transposed", t, d, "dh", "dk", "weights", wk, 1),
        product("times_transposed", t, d, "dh", "dv", "weights", wv, 1),
        rowwise("embed_backward", v + t, "gradients", "dh", "text", step, position),
        rowwise("adam", v + t + 4 * d, "weights", "means", "squares", "gradients", step),
    ]


def product_reads(m: str, k: str, n: str) -> str:
    """A formula for the reads of one product in tiles of 8: (m, k) times (k, n)."""
    return f"{m} * {k} * ceil({n} / 8) + {k} * {n} * ceil({m} / 8)"


READS = " + ".join(
    (
        f"8 * ({product_reads('t', 'd', 'd')})",
        f"4 * ({product_reads('d', 't', 'd')})",
        product_reads("t", "d", "v"),
        product_reads("t", "v", "d"),
        product_reads("v", "t", "d"),
        "d * t * (t + 1) + (7 * d + 2) * t * (t + 1) // 2",
        "t * (2 * v + 32)",
        "v * d * (t + 1)",
        "4 * (v + t + 4 * d) * d",
        "15 * t * d + 2 * t",
    )
)
"""Products; pairs of queries and keys, forward and backward; losses; the search for tokens; Adam; single rows."""
