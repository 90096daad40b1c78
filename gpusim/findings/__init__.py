"""What is wrong with kernels: findings, their collection, and how people are told of them."""

from gpusim.findings.collection import Findings
from gpusim.findings.finding import Finding
from gpusim.findings.severity import SEVERITIES

__all__ = ["SEVERITIES", "Finding", "Findings"]
