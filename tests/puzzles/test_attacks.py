"""Every known trick, as a file that must be refused for the right reason.

The files in `attacks/` begin with what they try and, in a comment, the kind of the reason and words of its message.
`@CANARY@` stands for a path that does not exist, and that must not exist afterwards either.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.py"))


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.stem for attack in ATTACKS])
def test_a_trick_is_refused_for_the_right_reason(attack, check_text, tmp_path):
    canary = tmp_path / "canary"
    with attack.open(encoding="utf-8", newline="") as file:
        text = file.read().replace("@CANARY@", str(canary))
    wanted = re.search(r"^# refused: (\w+): ?(.*)$", text, re.MULTILINE)
    assert wanted, "an attack says why it is refused"
    started = time.monotonic()
    verdict = check_text(text, time_limit=20)
    assert not verdict.passed
    told = [reason.message for reason in verdict.reasons if reason.kind == wanted[1]]
    assert any(wanted[2] in message for message in told), verdict
    assert not canary.exists()
    assert "Traceback" not in str(verdict)
    assert time.monotonic() - started < 20, "refused, but late"
