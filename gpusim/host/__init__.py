"""The host's side of numba.cuda on a simulated GPU: device arrays, streams, devices, launches."""

from gpusim.errors import thrown
from gpusim.kernel.dialects import NUMBA

if NUMBA.module("core.config").ENABLE_CUDASIM:  # numba.cuda has another host side then
    raise thrown(ImportError, "Numba's own simulator is on: unset NUMBA_ENABLE_CUDASIM to run on gpusim")

from gpusim.host.installation import install, installed, uninstall

__all__ = ["install", "installed", "uninstall"]
