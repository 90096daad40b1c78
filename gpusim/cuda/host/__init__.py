"""The host's side of numba.cuda on a simulated GPU: device arrays, streams, devices, launches."""

from gpusim.cuda.host.installation import install, installed, uninstall

__all__ = ["install", "installed", "uninstall"]
