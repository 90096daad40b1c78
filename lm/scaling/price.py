"""What a lower perplexity costs: compute-optimal training to exp(L) and to a step below it, and the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lm.errors import LMError
from lm.scaling.hardware import Device, device_hours
from lm.scaling.law import Law, Optimum


@dataclass(frozen=True)
class Price:
    """Two compute-optimal models, and what the second costs more: FLOP, hours of one device, and money."""

    before: Optimum
    after: Optimum
    compute: float
    hours: float
    money: float

    def to_dict(self) -> dict[str, object]:
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "extra_compute": self.compute,
            "extra_device_hours": self.hours,
            "extra_money": self.money,
        }


def price(law: Law, compute: float, less: float, on: Device, mfu: float, per_hour: float) -> Price:
    """What `less` perplexity (a token) costs beyond a training of `compute` FLOP; per_hour in any currency.

    Raises LMError when the target is at or below the law's end, exp(E).
    """
    if not less > 0:
        raise LMError(f"the perplexity to gain must be above 0, got {less}")
    if not (math.isfinite(per_hour) and per_hour >= 0):
        raise LMError(f"the price of a device hour must be 0 or more, got {per_hour}")
    before = law.optimum(compute)
    wanted, floor = math.exp(before.loss) - less, math.exp(law.E)
    if wanted <= floor:
        raise LMError(
            f"perplexity {wanted:.4g} is out of reach: by this law {compute:.3g} FLOP give "
            f"{math.exp(before.loss):.4g}, and no model gets below {floor:.4g}"
        )
    after = law.optimum(law.optimal_compute(math.log(wanted)))
    extra = after.compute - before.compute
    hours = device_hours(extra, mfu, on)
    return Price(before, after, extra, hours, hours * per_hour)
