"""`alliance permissions`."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

from alliance.policy import sheet


def test_every_rule_is_on_the_sheet(cli: Callable[..., Result]) -> None:
    output = cli("permissions").output
    for name, sentence in [*sheet.permissions(), *sheet.sights()]:
        assert f"| `{name}` | {sentence} |" in output
