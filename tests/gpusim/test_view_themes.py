"""Light or dark: the notebook's theme where there is one, the system's elsewhere."""

from __future__ import annotations

import re

from gpusim.view.themes import frame, themed


def test_a_choice_becomes_four_rules():
    css = themed(".a { margin: 0; }\n.b { --ink: light-dark(#111, #eee); color: var(--ink); }\n.c { margin: 1px; }")
    assert css.startswith(".a { margin: 0; }") and css.endswith(".c { margin: 1px; }")
    rules = re.findall(r"\.b (\{[^}]*\})", css)
    light, dark = "{ --ink: #111; color-scheme: light; }", "{ --ink: #eee; color-scheme: dark; }"
    assert rules == ["{ --ink: #111; color: var(--ink); color-scheme: light; }", dark, light, dark]
    assert "light-dark" not in css


def test_a_style_sheet_without_choices_stays_as_it_is():
    assert themed(".a { color: red; }") == ".a { color: red; }"


def test_a_frame_holds_the_page_and_no_more():
    html = frame('<p title="a">b & c</p>', "a <b>", "height:9px")
    assert 'srcdoc="&lt;p title=&quot;a&quot;&gt;b &amp; c&lt;/p&gt;"' in html
    assert 'title="a &lt;b&gt;"' in html and 'sandbox="allow-scripts"' in html
