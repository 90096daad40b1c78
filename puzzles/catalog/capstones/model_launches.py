"""The forward pass of a transformer as launches of the kernels of `language_model`."""

from puzzles.spec import Launch, Size


def launches(size: Size, tile: int, lanes: int, rows: int) -> tuple[Launch, ...]:
    """12 launches a block of the model, and 5 around them.

    tile: side of the square tiles of a product; lanes: threads of a warp; rows: rows of a block, a warp each.
    """
    t, v, d, heads = size["t"], size["v"], size["d"], size["heads"]
    by_rows, warps, wide = (-(-t // rows),), (lanes, rows), (t,)

    def product(out: str, a: str, stack: str, which: int, columns: int, add: int = 0) -> Launch:
        grid = (-(-columns // tile), -(-t // tile))
        return Launch(grid, (tile, tile), kernel="matmul", arguments=(out, a, stack, which, add))

    def normalised(which: int) -> Launch:
        return Launch(by_rows, warps, kernel="norm", arguments=("normed", "x", "gains", which))

    def turned(x: str, which: int) -> Launch:
        arguments = (x, "head_gains", which, "cosine", "sine")
        return Launch(wide, (lanes, heads), kernel="turn", arguments=arguments)

    def block(layer: int) -> list[Launch]:
        return [
            normalised(2 * layer),
            *(product(out, "normed", "projections", 4 * layer + n, d) for n, out in enumerate("qkv")),
            turned("q", 2 * layer),
            turned("k", 2 * layer + 1),
            Launch((*by_rows, heads), warps, kernel="attention", arguments=("mixed", "q", "k", "v")),
            product("x", "mixed", "projections", 4 * layer + 3, d, add=1),
            normalised(2 * layer + 1),
            product("hidden", "normed", "widening", layer, 4 * d),
            Launch(wide, (lanes,), kernel="squared_relu", arguments=("hidden",)),
            product("x", "hidden", "narrowing", layer, d, add=1),
        ]

    return (
        Launch(wide, (lanes,), kernel="embed", arguments=("x", "text", "token")),
        *(launch for layer in range(size["layers"]) for launch in block(layer)),
        normalised(2 * size["layers"]),
        product("logits", "normed", "head", 0, v),
        Launch(by_rows, warps, kernel="cross_entropy", arguments=("losses", "logits", "text")),
        Launch((1,), (lanes,), kernel="perplexity", arguments=("result", "losses")),
    )
