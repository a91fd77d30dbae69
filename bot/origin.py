"""Whether a request that changes something comes from one of our own pages.

Rule 1: a browser's own word (`Sec-Fetch-Site`) counts; it cannot be set by a page.
Rule 2: where it is missing (plain http, old browsers), `Origin` must name the host that was asked.
Rule 3: with neither, no: every browser sends `Origin` with a POST.
Webhooks of platforms are not pages: they are known by their own secrets.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def from_our_page(headers: Headers, public_url: str = "") -> bool:
    """`public_url`: our address as people see it, if a proxy in front changes the host name."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return _host(headers.get("origin", "")) in _own_hosts(headers, public_url)


def _host(url: str) -> str | None:
    """Host and port in small letters; None for what is no address (`Origin: null`)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") and parts.netloc else None


def _own_hosts(headers: Headers, public_url: str) -> set[str]:
    hosts = {headers.get("host", "").lower(), _host(public_url) or ""}
    return hosts - {""}
