"""What stands between the matrix products of a language model."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="The block of a transformer",
    about=__doc__,
    modules=(
        "embedding",
        "rotary",
        "layer_norm",
        "layer_norm_once",
        "gelu",
        "gemm_gelu",
        "residual_rms_norm",
    ),
)
