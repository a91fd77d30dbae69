"""Web chat: a page of our own and a button for other sites' pages, without a build step."""

from bot.channels.webchat.channel import WebchatChannel

__all__ = ["WebchatChannel"]
