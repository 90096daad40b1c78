"""Measured times beside the time model's lower bound, and beside torch for the same result.

A launch is measured between two events on the GPU. Before each, a large array is overwritten: that
empties the L2 cache of what the launch will use, and keeps the GPU busy until the launch is queued, so
that the time of Numba's own work on the host does not count.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from cases import CASES
from numba import cuda

from gpusim.errors import GpusimError
from lm.kernels import KernelSet, Operation
from lm.kernels.matmul import MATMUL_TILED
from lm.kernels.softmax import SOFTMAX_THREE_PASS
from on_gpu.agreement import on_simulator
from on_gpu.launches import Launch, normal, undefined

ROUNDS = 21
FLUSHED_BYTES = 1 << 30

ONE, ZERO = np.float32(1), np.float32(0)


@dataclass(frozen=True)
class Timing:
    """One launch: seconds as measured and as the model bounds them, and torch's for the same; None: unknown."""

    launch: str
    seconds: float
    lower_bound: float | None
    bound_by: str
    torch_seconds: float | None
    torch_difference: float | None

    @property
    def of_bound(self) -> float | None:
        """Measured time as a multiple of the lower bound: never below 1 if the model is right."""
        return self.seconds / self.lower_bound if self.lower_bound else None

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "of_bound": self.of_bound}


@dataclass(frozen=True)
class Timed:
    """A launch whose first argument is the output, and torch's function of its other arguments, if it has one."""

    launch: Launch
    torch: Callable[..., Any] | None = None


def timed_launches() -> list[Timed]:
    """What is timed; sizes are large enough for a GPU, and small enough for the simulator."""
    kernels = KernelSet.default()
    matmul, softmax, attention = kernels.matmul, kernels.softmax, kernels.attention
    x, w = normal(4096, 1024), normal(1024)
    y = undefined(*x.shape)
    heads = [normal(2, 512, 4, 32, seed=seed) for seed in range(3)]
    out = undefined(2, 512, 4, 32)
    return [
        *(Timed(_case(case)) for case in CASES if "4M" in case.name),
        Timed(_operation("matmul 512", MATMUL_TILED, *_matrices(512)), torch_matmul),
        Timed(_operation("matmul 1024", matmul, *_matrices(1024)), torch_matmul),
        Timed(_operation("softmax 4096x1024", SOFTMAX_THREE_PASS, y, x), torch_softmax),
        Timed(_operation("softmax 4096x1024", softmax, y, x), torch_softmax),
        Timed(_operation("layer norm 4096x1024", kernels.layer_norm, y, x, w, w), torch_layer_norm),
        Timed(_operation("gelu 4096x1024", kernels.gelu, y, x), torch_gelu),
        Timed(_operation("attention 2x512, 4 heads of 32", attention, out, *heads), torch_attention),
    ]


def _case(case: Any) -> Launch:
    return Launch(case.name, case.kernel, case.grid, case.block, case.arguments)


def _operation(name: str, operation: Operation, *arguments: Any) -> Launch:
    grid, block = operation.launch(*arguments)

    def copies() -> tuple[Any, ...]:
        return tuple(np.copy(a) if np.ndim(a) else a for a in arguments)

    return Launch(f"{name}, {operation.kernel.__name__}", operation.kernel, grid, block, copies)


def _matrices(n: int) -> tuple[Any, ...]:
    return undefined(n, n), normal(n, n), normal(n, n, seed=1), ONE, ZERO


def torch_matmul(a: Any, b: Any, alpha: Any, beta: Any) -> Any:
    """alpha a b, in single precision: TF32 is off unless somebody switches it on."""
    return a @ b


def torch_softmax(x: Any) -> Any:
    return x.softmax(-1)


def torch_layer_norm(x: Any, gain: Any, bias: Any) -> Any:
    from torch.nn import functional

    return functional.layer_norm(x, gain.shape, gain, bias)


def torch_gelu(x: Any) -> Any:
    from torch.nn import functional

    return functional.gelu(x, approximate="tanh")


def torch_attention(q: Any, k: Any, v: Any, ahead: Any) -> Any:
    from torch.nn import functional

    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    return functional.scaled_dot_product_attention(q, k, v, is_causal=int(ahead) == 0).transpose(1, 2)


def measure(timed: Timed, gpu: str, flush: Callable[[], None], rounds: int = ROUNDS) -> Timing:
    """Time one launch on the GPU called `gpu`, and torch's function on the same arguments."""
    launch = timed.launch
    bound, bound_by = lower_bound(launch, gpu)
    host = launch.arguments()
    arguments = [cuda.to_device(a) if isinstance(a, np.ndarray) else a for a in host]
    kernel = launch.kernel[launch.grid, launch.block, 0, launch.dynamic]
    seconds = median_seconds(lambda: kernel(*arguments), flush, rounds)
    if timed.torch is None:
        return Timing(launch.name, seconds, bound, bound_by, None, None)
    work = partial(timed.torch, *on_torch(host[1:]))
    result = work().cpu().numpy()
    difference = float(np.max(np.abs(arguments[0].copy_to_host() - result)))
    return Timing(launch.name, seconds, bound, bound_by, median_seconds(work, flush, rounds), difference)


def lower_bound(launch: Launch, gpu: str) -> tuple[float | None, str]:
    """(seconds, what binds) by the time model; None for a GPU that is not in its table."""
    run, _ = on_simulator(launch, check="none")
    try:
        bound = run.time(gpu)
    except GpusimError as error:
        return None, str(error)
    return bound.seconds, bound.bound_by


def median_seconds(work: Callable[[], Any], flush: Callable[[], None], rounds: int) -> float:
    """The median time of `work` on the GPU, with cold caches; one call before the first does not count."""
    work()
    times = []
    for _ in range(rounds):
        start, end = cuda.event(), cuda.event()
        flush()
        start.record()
        work()
        end.record()
        end.synchronize()
        times.append(cuda.event_elapsed_time(start, end) / 1e3)
    return statistics.median(times)


def on_torch(arguments: Any) -> list[Any]:
    """Arrays as tensors on torch's GPU, or on the CPU where it has none; numbers as they are."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return [torch.from_numpy(a).to(device) if isinstance(a, np.ndarray) else a for a in arguments]


def flusher() -> Callable[[], None]:
    """A function that overwrites `FLUSHED_BYTES` bytes of the GPU's memory."""
    import torch

    block = torch.empty(FLUSHED_BYTES, dtype=torch.uint8, device="cuda")
    return lambda: block.zero_() and None
