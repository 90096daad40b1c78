"""From 54 reads to 18, from 432 to 144, and on to any shape."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="The matrix product",
    about=__doc__,
    modules=(
        "gemm_naive_3x3",
        "gemm_shared_3x3",
        "gemm_naive_6x6",
        "gemm_tiled_6x6",
        "gemm_any_size",
        "gemm_register_tile",
        "gemm_wide_loads",
        "gemm_split_k",
        "gemm_block_sparse",
        "gemm_int8_weights",
    ),
)
