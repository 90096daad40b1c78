"""The host's side of numba.cuda on a simulated GPU: device arrays, streams, devices, launches."""
