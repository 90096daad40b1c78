"""What is simulated: the source of a kernel, wherever it stands, and the package that it is written for."""
