"""How much compute a cluster delivers: GPUs, days and the part of their peak that training uses (MFU).

Peaks are dense 16-bit tensor operations (bfloat16 or float16, float32 accumulation, no sparsity) from the makers' data
sheets.  MFU, model FLOPs utilisation, counts 6 N D only (Chowdhery et al. 2022, appendix B); large runs report 0.3 to
0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lm.errors import LMError


@dataclass(frozen=True)
class Device:
    """A processor that models are trained on: dense 16-bit FLOP/s at best."""

    name: str
    title: str
    peak: float
    source: str


DEVICES = {
    device.name: device
    for device in (
        Device("v100", "NVIDIA V100 SXM2", 125e12, "NVIDIA V100 data sheet, 2020"),
        Device("a100", "NVIDIA A100 SXM4", 312e12, "NVIDIA A100 data sheet, 2021"),
        Device("h100", "NVIDIA H100 SXM5", 989.4e12, "NVIDIA H100 data sheet, 2023"),
        Device("h200", "NVIDIA H200 SXM5", 989.4e12, "NVIDIA H200 data sheet, 2024"),
        Device("b200", "NVIDIA B200", 2250e12, "NVIDIA DGX B200 data sheet, 2024 (18 PFLOP/s dense for eight)"),
        Device("tpu-v4", "Google TPU v4", 275e12, "Google Cloud TPU v4 documentation"),
    )
}

DEFAULT = "h100"


def device(name: str) -> Device:
    """The device of that name.  Raises LMError with all names."""
    try:
        return DEVICES[name]
    except KeyError:
        raise LMError(f"there is no device {name}: choose one of {', '.join(DEVICES)}") from None


def cluster_compute(gpus: float, days: float, mfu: float, on: Device) -> float:
    """FLOP of `gpus` devices in `days` at a utilisation in (0, 1].  Raises LMError for numbers out of range."""
    for name, value in (("gpus", gpus), ("days", days)):
        if not (math.isfinite(value) and value > 0):
            raise LMError(f"--{name} must be above 0, got {value}")
    return gpus * days * 86400 * used_peak(mfu, on)


def device_hours(compute: float, mfu: float, on: Device) -> float:
    """Hours of one device for so many FLOP."""
    return compute / used_peak(mfu, on) / 3600


def used_peak(mfu: float, on: Device) -> float:
    """FLOP/s of one device at a utilisation.  Raises LMError outside (0, 1]."""
    if not 0 < mfu <= 1:
        raise LMError(f"--mfu is the used part of the peak, above 0 and at most 1, got {mfu}")
    return on.peak * mfu
