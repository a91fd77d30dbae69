"""The web chat channel: a page, a stream of what is said, and a place to post to.

Rule 1: delivery is availability. `deliver` wakes the pages that listen here; the outbox row is what
        they read, and what a page reads that is opened tomorrow (decision 0004).
Rule 2: `end_streams` is called before the server stops, or the server waits for the open pages.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import Inbox, Keeping, Limits
from bot.channels.webchat.files import file_of
from bot.channels.webchat.hearing import CHANNEL, read_message
from bot.channels.webchat.pace import Pace
from bot.channels.webchat.pages import FOR_A_YEAR, FOR_AN_HOUR, File, Pages
from bot.channels.webchat.refusing import Refused
from bot.channels.webchat.streams import Streams
from bot.channels.webchat.telling import REREAD, STREAM_HEADERS, EventStream, told
from bot.channels.webchat.uploading import Uploads, committed
from bot.channels.webchat.visitor import Cookies, new_token
from bot.clock import Clock, wall_clock
from bot.engine.types import Address, Reply
from bot.origin import from_our_page

log = logging.getLogger(__name__)

LIMITS = Limits(
    text=10_000, per_second=100_000.0, per_person=0.0, at_once=256
)  # nothing leaves the house
ANY_SITE = {"Cross-Origin-Resource-Policy": "cross-origin"}  # the widget is loaded by other sites
AGAIN_LATER = 15.0  # seconds
ANY_SIZE = 2**62  # bytes


class WebchatChannel:
    """`public_url`: our https address, if we have one. `embed_origins`: sites that frame the page.

    `files`: where what visitors send is kept; None: they cannot send files.

    Raises ValueError for a bad origin.
    """

    def __init__(
        self,
        *,
        public_url: str = "",
        embed_origins: Sequence[str] = (),
        pace: Pace | None = None,
        streams: Streams | None = None,
        reread: float = REREAD,
        clock: Clock = wall_clock,
        files: Keeping | None = None,
    ) -> None:
        self._public_url = public_url
        self._cookies = Cookies(public_url.startswith("https:"), bool(embed_origins))
        self._pages = Pages(embed_origins, files.most_bytes // 1_000_000 if files else 0)
        self._uploads = Uploads(files) if files else None
        self._pace = Pace() if pace is None else pace
        self._streams = Streams() if streams is None else streams
        self._reread = reread
        self._clock = clock

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def limits(self) -> Limits:
        return LIMITS

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        self._streams.wake(user)

    async def run(self, inbox: Inbox) -> None:
        """Pages call us; there is nothing to listen to."""

    def end_streams(self) -> None:
        self._streams.end()

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        return [
            *self._upload_routes(inbox),
            Route("/", self._open),
            Route("/chat.css", File("chat.css", FOR_A_YEAR).answer),
            Route("/chat.js", File("chat.js", FOR_A_YEAR).answer),
            Route("/widget.js", File("widget.js", FOR_AN_HOUR, ANY_SITE).answer),
            Route("/chat/messages", partial(self._hear, inbox), methods=["POST"]),
            Route("/chat/events", partial(self._tell, inbox)),
            Route("/chat/files/{line:int}/{number:int}", partial(self._file, inbox)),
            Route("/chat/leave", self._leave, methods=["POST"]),
        ]

    def _upload_routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        if self._uploads is None:
            return ()
        take = partial(self._take, self._uploads, inbox)
        # What is too large is refused as it streams, with a sentence: not by the app's own limit.
        return (Route("/chat/uploads", take, methods=["POST"], max_body_size=ANY_SIZE),)

    async def _open(self, request: Request) -> Response:
        """The page; it makes whoever opens it a visitor."""
        response = self._pages.page()
        token = self._cookies.token(request) or new_token()
        response.headers.append("Set-Cookie", self._cookies.given(request, token))
        return response

    async def _hear(self, inbox: Inbox, request: Request) -> Response:
        try:
            user = self._visitor(request)
            message = await read_message(request, user, self._clock())
            if (wait := self._pace.wait(user)) > 0:
                raise Refused("too_fast", wait)
            await committed(inbox, message)
        except Refused as refused:
            return _told_no(refused)
        self._streams.wake(user)
        return JSONResponse({}, status_code=202)

    async def _take(self, uploads: Uploads, inbox: Inbox, request: Request) -> Response:
        """A file, as the body alone; its id and its name are parameters of the address."""
        try:
            user = self._visitor(request)
            if (wait := self._pace.wait(user)) > 0:
                raise Refused("too_fast", wait)
            await uploads.take(inbox, request, user, self._clock())
        except Refused as refused:
            return _told_no(refused)
        self._streams.wake(user)
        return JSONResponse({}, status_code=202)

    async def _tell(self, inbox: Inbox, request: Request) -> Response:
        try:
            user = self._cookies.user(request)
            if user is None:
                raise Refused("unknown_visitor")
            if request.method == "HEAD":
                return Response(headers=STREAM_HEADERS, media_type="text/event-stream")
            after = _after(request)
            if (stream := self._streams.open(user)) is None:
                raise Refused("crowded", AGAIN_LATER)
        except Refused as refused:
            return _told_no(refused)
        events = told(stream, inbox, Address(CHANNEL, user), after, self._reread)
        return EventStream(events, partial(self._streams.closed, user, stream))

    async def _file(self, inbox: Inbox, request: Request) -> Response:
        """A picture or a calendar of a line in this visitor's own conversation."""
        user = self._cookies.user(request)
        if user is None:
            return _told_no(Refused("unknown_visitor"))
        line, number = request.path_params["line"], request.path_params["number"]
        return await file_of(inbox, Address(CHANNEL, user), line, number)

    async def _leave(self, request: Request) -> Response:
        """Forget the visitor on this device; who opens the page next is somebody new."""
        if not from_our_page(request.headers, self._public_url):
            return _told_no(Refused("foreign"))
        response = Response(status_code=204)
        for cookie in self._cookies.taken(request):
            response.headers.append("Set-Cookie", cookie)
        return response

    def _visitor(self, request: Request) -> str:
        """Who posts, from a page of ours. Raises Refused."""
        if not from_our_page(request.headers, self._public_url):
            raise Refused("foreign")
        user = self._cookies.user(request)
        if user is None:
            raise Refused("unknown_visitor")
        return user


def _after(request: Request) -> int:
    """The last line that the page has. Raises Refused."""
    known = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    if not (known.isascii() and known.isdigit() and len(known) <= 18):
        raise Refused("unreadable")
    return int(known)


def _told_no(refused: Refused) -> Response:
    response = refused.response()
    log.info("webchat refused reason=%s status=%d", refused.reason, response.status_code)
    return response
