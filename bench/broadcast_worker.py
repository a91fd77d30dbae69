"""A worker that sends broadcasts to the stand-in of the Bot API until it is told to end.

    python -m bench.broadcast_worker DATABASE ADDRESS NAME [--scale 1] [--at-once 8] [--paid 0]

It says `ready`, and at its end the processor seconds that it took since.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import logging
import signal
import time
from dataclasses import replace
from random import random

from telegram.request import HTTPXRequest

from bot.channels.base import Limits
from bot.channels.telegram.channel import LIMITS, TelegramChannel
from bot.clock import wall_clock
from bot.engine.types import Conversation, Event, NoticeGiven, Reply, Turn
from bot.host import Host
from bot.outbox import Sender
from bot.store.engine import Store
from scheduler.broadcasts import sending

PATIENCE = 1.0  # seconds that a call may last


class Scaled(TelegramChannel):
    """Telegram, so many times as fast."""

    scale = 1

    @property
    def limits(self) -> Limits:
        own = super().limits
        rate = own.per_second * self.scale
        return replace(own, per_second=rate, at_once=own.at_once * self.scale)


def telegram(address: str, scale: int = 1, at_once: int = LIMITS.at_once, paid: int = 0) -> Scaled:
    token = "123456:" + "a" * 35
    request = HTTPXRequest(read_timeout=PATIENCE)
    channel = Scaled(
        token, api_base=address, at_once=at_once, paid_per_second=paid, request=request
    )
    channel.scale = scale
    return channel


def telling(was: Conversation, event: Event, now: object) -> Turn:
    reply = event.reply if isinstance(event, NoticeGiven) else Reply("answer", "好的")
    return Turn(was, (reply,))


async def work(database: str, channel: TelegramChannel, name: str) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with Store(database) as store:
        sender = Sender(store, [channel], wall_clock, random, name=name)
        apology = Reply("error", "抱歉")
        async with Host(
            store, wall_clock, telling, lambda m: m, apology=apology, wake=sender.wake
        ) as host:
            tasks = [asyncio.create_task(sender.run()), asyncio.create_task(sending(host))]
            began = time.process_time()
            print("ready", flush=True)
            await ended.wait()
            print(time.process_time() - began, flush=True)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    await channel.close()


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("database")
    given.add_argument("address")
    given.add_argument("name")
    given.add_argument("--scale", type=int, default=1)
    given.add_argument("--at-once", type=int, default=LIMITS.at_once)
    given.add_argument("--paid", type=int, default=0)
    given.add_argument("--profile", default="")
    chosen = given.parse_args()
    logging.disable(logging.WARNING)
    channel = telegram(chosen.address, chosen.scale, chosen.at_once, chosen.paid)
    profile = cProfile.Profile() if chosen.profile else None
    if profile:
        profile.enable()
    asyncio.run(work(chosen.database, channel, chosen.name))
    if profile:
        profile.disable()
        profile.dump_stats(chosen.profile)


if __name__ == "__main__":
    main()
