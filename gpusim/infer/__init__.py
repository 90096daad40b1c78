"""Type inference: which type every variable of a kernel has, for the arguments of a launch."""
