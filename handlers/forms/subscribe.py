"""订阅：主题（可以多选）、地区、频率。"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from bot.engine.filling import go_on, set_aside, spot
from bot.engine.form import Ask, Finished, Form, Unclear, never
from bot.engine.notifying.subscribing import frequency
from bot.engine.parameters import NATIONWIDE
from bot.engine.preferences import ALL, TOPICS, PreferencesSought, topics_in, topics_said
from bot.engine.reading import place
from bot.engine.regions import Regions
from bot.engine.scene import Scene
from bot.engine.types import Conversation, FormProgress, Turn

NAME = "subscribe"
_AT_ONCE, _WEEKLY = "有就推", "每周一汇总"


def read_topics(text: str) -> tuple[str, ...]:
    """一个或几个主题，写名字或序号。"""
    if found := topics_in(text, numbers=True):
        return found
    raise Unclear("没认出主题。请回复序号，可以多选，例如“1 2”；也可以写“养老 失业”。")


def read_often(text: str) -> str:
    """weekly 或 at_once。"""
    if found := frequency(text):
        return found
    raise Unclear(f"请从这些里选一个：{_AT_ONCE}、{_WEEKLY}。")


def form(regions: Regions) -> Form[object]:
    """The form, reading places by `regions`."""
    read_place = place(regions)

    def read_region(text: str) -> str:
        return NATIONWIDE if NATIONWIDE in text else read_place(text)

    def offered(values: Mapping[str, Any]) -> tuple[str, ...]:
        known = values.get("known")
        return (known, *regions.around(known)) if known else (NATIONWIDE,)

    @dataclass(frozen=True)
    class Subscribe:
        known: Annotated[
            str | None,
            Ask("您在哪个省或市？例如“长沙”。", str, label="说过的地方", skip=True, only_if=never),
        ]
        topics: Annotated[
            tuple[str, ...],
            Ask(
                "选主题，可以多选，例如“1 2”。医保、生育也可以直接打字。",
                read_topics,
                label="主题",
                options=(*TOPICS, ALL),
                spot=lambda text: " ".join(topics_in(text)) or None,
                show=topics_said,
            ),
        ]
        region: Annotated[
            str,
            Ask(
                "想收哪个地区的？请回复省或市，例如“长沙”；回复“全国”，各地的都收。",
                read_region,
                label="地区",
                offers=offered,
                spot=lambda text: next(iter(regions.named(text)), None),
                show=str,
            ),
        ]
        often: Annotated[
            str,
            Ask(
                "频率？有新政策就推送，还是每周一汇总一次？",
                read_often,
                label="频率",
                options=(_AT_ONCE, _WEEKLY),
                spot=lambda text: text if frequency(text) else None,
            ),
        ]

    def keep(given: Subscribe, was: Conversation, now: datetime) -> Finished:
        sought = PreferencesSought("subscribe", (",".join(given.topics), given.region, given.often))
        return Finished((), errand=sought)

    return Form(
        NAME,
        "订阅",
        Subscribe,
        keep,  # type: ignore[arg-type]  # a form of its own inputs
        enter=begin,
    )


def begin(scene: Scene, said: str) -> Turn:
    """问之前先看这句话里说了什么；说过的地方作为选项。"""
    form = scene.book.forms[NAME]
    was, kept = set_aside(scene)
    known = was.profile.get("region", "")
    progress = FormProgress(NAME, form.version, {"known": known} if known else {})
    told = spot(form, progress, said, scene.today)
    return go_on(replace(scene, was=was), form, told, kept)
