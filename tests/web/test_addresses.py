"""Addresses nothing can have are not found, whatever the database would say to them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

BIG = "9" * 25
PATHS = [
    "/p/{}",
    "/p/{}/history",
    "/d/{}",
    "/digests/{}",
    "/digests/{}.pdf",
    "/feeds/discussion/{}.atom",
    "/api/v1/posts/{}",
    "/api/v1/discussions/{}/posts",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", [BIG, str(2**31), str(2**63), "0"])
def test_numbers_no_row_can_have_lead_nowhere(client: FlaskClient, path: str, number: str) -> None:
    assert client.get(path.format(number)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/people/%00", "/organizations/a%00", "/action-lines/%00", "/d/1/%00", "/feeds/%00.atom", "/api/v1/spaces/%00"]
)
def test_nul_leads_nowhere(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
