"""`alliance permissions`."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

from alliance.policy import sheet


def test_every_rule_is_on_the_sheet(cli: Callable[..., Result]) -> None:
    output = cli("permissions").output
    for name, sentence in sheet.sights():
        assert f"| `{name}` | {sentence} |" in output
    for name, sentence in sheet.permissions():
        assert f"| `{name}` | {sheet.scope_of(name)} | {sentence} |" in output
