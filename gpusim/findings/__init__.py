"""What is wrong with kernels: findings, their collection, and how people are told of them."""

from gpusim.findings.collection import Findings
from gpusim.findings.finding import SEVERITIES, Finding

__all__ = ["SEVERITIES", "Finding", "Findings"]
