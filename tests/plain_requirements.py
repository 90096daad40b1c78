"""What `make test-plain` installs: the project's requirements, and those of its tests, but for NVIDIA's packages."""

import tomllib
from pathlib import Path

OF_NVIDIA = ("numba-cuda", "cuda-", "nvidia-")


def requirements() -> list[str]:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = project["dependencies"] + extras["lm"] + extras["dev"]
    return [line for line in lines if not line.startswith((*OF_NVIDIA, "gpusim["))]


if __name__ == "__main__":
    print("\n".join(requirements()))
