"""alliance user create."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result


@pytest.mark.parametrize("organization", ["", "  "])
def test_an_organization_without_a_name_is_one_clear_line(cli: Callable[..., Result], organization: str) -> None:
    given = ("user", "create", "a@example.org", "--name", "A", "--stakeholder-type", "media", "--organization", organization)
    done = cli(*given)
    assert done.exit_code == 1
    assert done.output == "alliance: the organization needs a name; leave --organization out when there is none\n"
    assert cli(*given[:-2]).exit_code == 0
