"""What counts as a page of ours."""

import pytest
from starlette.datastructures import Headers

from bot.origin import from_our_page

ASKED = {"host": "chat.test:8000"}


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://chat.test:8000"}, False),
        ({"origin": "http://chat.test:8000"}, True),
        ({"origin": "http://CHAT.test:8000"}, True),
        ({"origin": "http://chat.test"}, False),
        ({"origin": "http://evil.test"}, False),
        ({"origin": "http://chat.test:8000.evil.test"}, False),
        ({"origin": "http://[broken"}, False),
        ({"origin": "file://chat.test:8000"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_a_page_of_the_host_that_was_asked_is_ours(
    headers: dict[str, str], ours: bool
) -> None:
    assert from_our_page(Headers(ASKED | headers)) is ours


def test_behind_a_proxy_that_changes_the_host_name_our_public_address_is_ours() -> None:
    headers = Headers({"host": "10.0.0.7:8000", "origin": "https://chat.example.gov.cn"})
    assert not from_our_page(headers)
    assert from_our_page(headers, "https://chat.example.gov.cn/bot")


def test_without_a_host_an_empty_origin_is_not_ours() -> None:
    assert not from_our_page(Headers({"host": "", "origin": ""}))
