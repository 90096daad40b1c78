"""Time one case on Numba's own CUDA simulator. Run by simulator.py with NUMBA_ENABLE_CUDASIM=1.

Prints the seconds of each of the launches asked for: `python numba_simulator.py CASE REPEATS`.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from cases import CASES


def main() -> None:
    case = next(case for case in CASES if case.name == sys.argv[1])
    seconds = []
    for _ in range(int(sys.argv[2])):
        arguments = case.arguments()
        start = time.perf_counter()
        case.kernel[case.grid, case.block](*arguments)
        seconds.append(time.perf_counter() - start)
        np.testing.assert_allclose(arguments[0], case.expected(*arguments), rtol=1e-4)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
