"""What is sent unasked: in the window and its budget, else a notice; what waits is read by 查看."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import Undeliverable
from bot.channels.wechat import Notice
from bot.channels.wechat.menu import buttons
from bot.engine import words
from bot.engine.enclosures import Agenda, Chart, Day, Series
from bot.engine.types import Address, Attachment, Choice, Message, Reply
from bot.store import unreachable
from bot.store.engine import Store
from bot.store.tables import outbox
from bot.wechat import MENU
from tests.wechat_double import Phone
from tests.wechat_double.api import shown
from tests.wechat_double.bench import FIELDS, SERVICE, UNVERIFIED, Bench, connected

SEND, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
UPLOAD = "/cgi-bin/media/upload"
SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"
SUBSCRIBING = replace(SERVICE, template=None, subscription=Notice("S1", FIELDS))


async def states(bench: Bench) -> list[str]:
    async with bench.store.read() as tx:
        rows = await tx.execute(select(outbox.c.state).order_by(outbox.c.id))
        return list(rows.scalars())


async def gone(bench: Bench) -> bool:
    person = Address("wechat", "o1")
    async with bench.store.read() as tx:
        return person in await unreachable.among(tx, {person})


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Store]:
    """A store where nothing depends on the database's ways."""
    async with Store(sqlite_url) as opened:
        yield opened


async def test_within_48_hours_a_reply_of_staff_is_pushed(light: Store) -> None:
    async with connected(light) as bench:
        await bench.phone.says("转人工")
        await bench.later(hours=47)
        await bench.staff_says("您的材料齐了。", "s1")
        assert bench.phone.look() == ["您的材料齐了。"]


async def test_outside_a_notice_goes_out_once_and_the_words_are_read_by_their_order(
    store: Store,
) -> None:
    async with connected(store) as bench:
        await bench.phone.says("转人工")
        await bench.later(hours=49)
        for n in range(1, 4):
            await bench.staff_says(f"第 {n} 条答复。", f"s{n}")
            await bench.later(hours=1)
        assert bench.phone.look() == ["[template]"]
        [notice] = [m for m in bench.phone.follower.received if m["msgtype"] == "template"]
        assert {name: field["value"] for name, field in notice["data"].items()} == FIELDS
        assert await bench.phone.says("查看") == "第 1 条答复。\n\n第 2 条答复。\n\n第 3 条答复。"
        await bench.later(hours=1)
        assert bench.phone.look() == []
        assert set(await states(bench)) == {"sent"}


async def test_whoever_writes_something_else_is_answered_and_gets_what_waited(light: Store) -> None:
    async with connected(light) as bench:
        await bench.phone.says("转人工")
        await bench.later(hours=49)
        await bench.staff_says("您的材料齐了。", "s1")
        bench.phone.look()
        assert await bench.phone.says("退休年龄") == "收到：退休年龄"
        await bench.later(seconds=2)
        assert bench.phone.look() == ["您的材料齐了。"]


async def test_what_waits_is_merged_into_one_message(store: Store) -> None:
    async with connected(store) as bench:
        await bench.phone.says("转人工")
        bench.api.faults[SEND] = [45011]  # the first is held up, the others wait behind it
        for n in range(1, 5):
            await bench.staff_says(f"第 {n} 条。", f"s{n}")
        await bench.later(seconds=61)
        assert bench.phone.look() == ["第 1 条。\n\n第 2 条。\n\n第 3 条。\n\n第 4 条。"]
        assert bench.api.calls[SEND] == 2


async def test_after_five_messages_the_sixth_waits_for_the_person(store: Store) -> None:
    async with connected(store) as bench:
        await bench.phone.says("转人工")
        for n in range(1, 8):
            await bench.staff_says(f"第 {n} 条。", f"s{n}")
        assert bench.phone.look() == [*(f"第 {n} 条。" for n in range(1, 6)), "[template]"]
        assert bench.api.calls[SEND] == 5  # the budget is known: nothing was tried in vain
        assert await bench.phone.says("查看") == "第 6 条。\n\n第 7 条。"


async def test_a_tap_on_the_menu_allows_three_messages_for_a_minute(light: Store) -> None:
    async with connected(light) as bench:
        await bench.phone.taps_menu("菜单")
        for n in range(1, 5):
            await bench.staff_says(f"第 {n} 条。", f"s{n}")
        assert bench.phone.look() == ["第 1 条。", "第 2 条。", "第 3 条。", "[template]"]
        await bench.phone.taps_menu("帮助")
        await bench.later(seconds=2)
        assert bench.phone.look() == ["第 4 条。"]
        await bench.later(seconds=60)
        await bench.staff_says("第 5 条。", "s5")
        assert bench.phone.look() == ["[template]"]


async def test_a_tap_does_not_end_the_48_hours_of_a_message(light: Store) -> None:
    async with connected(light) as bench:
        await bench.phone.says("好")
        await bench.phone.taps_menu("菜单")
        await bench.later(minutes=5)
        await bench.staff_says("您的材料齐了。", "s1")
        assert bench.phone.look() == ["您的材料齐了。"]


async def test_a_long_reply_ends_with_how_to_go_on_when_the_budget_ends(store: Store) -> None:
    long = "".join(f"第{n}步，请准备好身份证和申请表，到窗口办理。" for n in range(280))
    async with connected(store) as bench:
        await bench.phone.says("好")
        await bench.staff_says(long, "s1")
        pushed = bench.phone.look()
        assert len(pushed) == 5
        assert pushed[-1].endswith(words.WECHAT_CONTINUE)
        assert bench.api.calls[TEMPLATE] == 0
        rest = await bench.phone.says("继续")
        await bench.later(seconds=2)
        whole = "".join([*pushed, rest, *bench.phone.look()])
        assert whole.replace("\n\n" + words.WECHAT_CONTINUE, "") == long


async def test_a_notice_by_subscription_uses_up_one_consent(store: Store) -> None:
    async with connected(store, SUBSCRIBING) as bench:
        inside = (
            "<SubscribeMsgPopupEvent><List><TemplateId>S1</TemplateId>"
            "<SubscribeStatusString>accept</SubscribeStatusString><PopupScene>2</PopupScene>"
            "</List></SubscribeMsgPopupEvent>"
        )
        bench.phone.follower.consents = 1
        await bench.platform.bring(bench.phone.event("subscribe_msg_popup_event", inside))
        await bench.staff_says("第 1 条。", "s1")
        assert bench.phone.look() == ["[subscription]"]
        assert await bench.phone.says("查看") == "第 1 条。"
        await bench.later(hours=49)
        await bench.staff_says("第 2 条。", "s2")
        assert bench.phone.look() == []
        assert bench.api.calls[SUBSCRIPTION] == 1  # there is no second consent, and none is tried
        assert await bench.phone.says("查看") == "第 2 条。"


async def test_when_the_template_fails_the_subscription_goes(light: Store) -> None:
    both = replace(SERVICE, subscription=Notice("S1", FIELDS, lasting=True))
    async with connected(light, both) as bench:
        bench.api.lasting = {"S1"}
        bench.api.templates = {}
        await bench.staff_says("第 1 条。", "s1")
        assert bench.phone.look() == ["[subscription]"]


async def test_a_notice_that_was_blocked_may_go_again(light: Store) -> None:
    async with connected(light) as bench:
        await bench.staff_says("第 1 条。", "s1")
        failed = bench.phone.event("TEMPLATESENDJOBFINISH", Status="failed: system failed")
        await bench.platform.bring(failed)
        await bench.later(days=8)
        assert bench.phone.look() == ["[template]", "[template]"]


async def test_nobody_who_never_reads_is_asked_for_ever(light: Store) -> None:
    async with connected(light) as bench:
        await bench.staff_says("第 1 条。", "s1")
        for _ in range(6):
            await bench.later(days=7)
        assert bench.phone.look() == ["[template]"]
        assert await states(bench) == ["failed"]
        assert await gone(bench)


async def test_an_unverified_account_keeps_everything_until_the_person_writes(light: Store) -> None:
    async with connected(light, UNVERIFIED) as bench:
        await bench.phone.says("转人工")
        await bench.staff_says("您的材料齐了。", "s1")
        answer = await bench.phone.says("在吗")
        assert answer == "收到：在吗\n\n" + words.WECHAT_UNREAD
        assert await bench.phone.says("查看") == "您的材料齐了。"
        assert await bench.phone.says("在吗") == "收到：在吗"
        assert bench.api.calls == {}


async def test_unfollowing_stops_everything_until_they_are_back(store: Store) -> None:
    async with connected(store) as bench:
        await bench.phone.says("转人工")
        await bench.phone.unfollows()
        await bench.staff_says("第 1 条。", "s1")
        assert await states(bench) == ["sent", "failed"]
        assert bench.api.calls[SEND] == 0
        await bench.phone.follows()
        await bench.staff_says("第 2 条。", "s2")
        assert bench.phone.look() == ["第 2 条。"]


# --- what WeChat refuses ----------------------------------------------------------------------

PERSON_IS_GONE = [40003, 43004, 43019, 48002]
OTHER_WAY = [45015, 45047, 45009, 48001]
AGAIN = [-1, "502", "cut", "refused"]


@pytest.mark.parametrize("code", PERSON_IS_GONE)
async def test_who_is_gone_is_not_tried_again_until_they_write(light: Store, code: int) -> None:
    async with connected(light) as bench:
        await bench.phone.says("转人工")
        bench.api.faults[SEND] = [code]
        await bench.staff_says("第 1 条。", "s1")
        await bench.staff_says("第 2 条。", "s2")
        assert bench.api.calls[SEND] == 1
        assert await gone(bench)
        await bench.phone.says("我回来了")
        assert not await gone(bench)


@pytest.mark.parametrize("code", OTHER_WAY)
async def test_what_may_not_be_sent_now_goes_the_other_way(light: Store, code: int) -> None:
    async with connected(light) as bench:
        await bench.phone.says("转人工")
        bench.api.faults[SEND] = [code]
        await bench.staff_says("第 1 条。", "s1")
        await bench.later(minutes=30)
        assert bench.phone.look() == ["[template]"]
        assert bench.api.calls[SEND] == 1
        assert await bench.phone.says("查看") == "第 1 条。"


@pytest.mark.parametrize("fault", AGAIN)
async def test_what_may_pass_is_tried_again(light: Store, fault: Any) -> None:
    async with connected(light) as bench:
        await bench.phone.says("转人工")
        bench.api.faults[SEND] = [fault, fault]
        await bench.staff_says("第 1 条。", "s1")
        for _ in range(4):
            await bench.later(seconds=10)
        assert bench.phone.look() == ["第 1 条。"]


async def test_a_used_up_quota_rests_until_midnight_for_everybody(store: Store) -> None:
    async with connected(store, replace(SERVICE, template=None)) as bench:
        bench.api.quota[SEND] = 1
        for openid in ("o1", "o2"):
            bench.phone.openid = openid
            await bench.phone.says("好")
        await bench.staff_says("第 1 条。", "s1")
        for n, openid in enumerate(("o1", "o2", "o1"), 2):
            await bench.staff_says(f"第 {n} 条。", f"s{n}", openid)
        await bench.later(hours=3)
        assert bench.api.calls[SEND] == 2
        await bench.later(hours=12)  # after midnight; it is looked at when they write
        await bench.phone.says("在吗")
        await bench.later(seconds=2)
        assert bench.api.calls[SEND] == 3


async def test_too_many_a_minute_makes_everybody_wait_a_minute(light: Store) -> None:
    async with connected(light) as bench:
        await bench.phone.says("好")
        bench.api.faults[SEND] = [45011]
        await bench.staff_says("第 1 条。", "s1")
        await bench.later(seconds=30)
        assert bench.api.calls[SEND] == 1
        await bench.later(seconds=31)
        assert bench.phone.look() == ["第 1 条。"]


async def test_an_address_that_is_not_on_the_list_is_said_and_not_hammered(
    light: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(light) as bench:
        await bench.phone.says("好")
        bench.api.faults["/cgi-bin/stable_token"] = [40164, 40164]
        await bench.staff_says("第 1 条。", "s1")
        assert "IP 白名单" in caplog.text
        await bench.later(seconds=299)
        assert bench.api.calls["/cgi-bin/stable_token"] == 1


async def test_nothing_in_the_log_is_anybodys_words(
    light: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with connected(light) as bench:
        for code in (45015, 43101, 47003, 99999):
            bench.api.faults[SEND] = [code]
            await bench.phone.says("我的秘密")
            await bench.staff_says("答复的秘密", f"s{code}")
    said = [r for r in caplog.records if r.name.startswith("bot")]
    assert said
    for record in said:
        text = record.getMessage()
        assert "秘密" not in text
        assert "TTTT" not in text
        assert SERVICE.secret not in text
    assert not [r for r in caplog.records if r.name == "httpx"]


# --- choices and pictures ---------------------------------------------------------------------


async def test_choices_are_pushed_as_links_or_as_a_menu_or_as_numbers(light: Store) -> None:
    reply = Reply(
        "question", "选哪个？", (Choice("养老", "/faq YL01"), Choice("医保 A&B", "/faq YB01"))
    )
    expected = {
        "links": '选哪个？\n\n1 <a href="weixin://bizmsgmenu?msgmenucontent=养老&msgmenuid={n}">养老</a>\n'
        f"2 医保 A&B\n{words.TYPE_NUMBER}",
        "numbers": f"选哪个？\n\n1 养老\n2 医保 A&B\n{words.TYPE_NUMBER}",
        "msgmenu": f"选哪个？\n养老\n医保 A&B\n{words.TYPE_NUMBER}",
    }
    for style, text in expected.items():
        async with connected(light, replace(SERVICE, choices=style)) as bench:  # type: ignore[arg-type]  # a literal
            await bench.phone.says(f"好 {style}")
            await bench.channel.deliver("o1", reply, f"k{style}")
            told = shown(bench.phone.follower.received[-1])
            assert told == text.format(n=told.partition("msgmenuid=")[2].partition('"')[0])


async def test_a_result_picture_is_uploaded_once_in_its_three_days_and_pushed(store: Store) -> None:
    async with connected(store) as bench:
        await bench.phone.says("好")
        first = await bench.channel.api.upload("pension.png", b"\x89PNG 1")
        assert await bench.channel.api.upload("pension.png", b"\x89PNG 1") == first
        picture = Attachment("image", first)
        await bench.channel.deliver(
            "o1", Reply("result", "结果如图。", attachments=(picture,)), "k"
        )
        assert bench.phone.look() == ["结果如图。", "[image]"]
        bench.now += timedelta(days=3)
        assert await bench.channel.api.upload("pension.png", b"\x89PNG 1") != first


CHART = Chart(
    "bars", "每月养老金", "元/月", ("60 岁", "63 岁"), (Series("合计", ("2496", "3011")),)
)


async def test_a_result_is_told_at_once_and_its_picture_follows(light: Store) -> None:
    def talk(_: Message) -> Sequence[Reply]:
        return (Reply("result", "每月约 2496 元。", (Choice("再算", "/redo x"),), charts=(CHART,)),)

    async with connected(light, talk=talk) as bench:
        assert (await bench.phone.says("算")).startswith("每月约 2496 元。\n\n1 <a")
        await bench.later(seconds=2)
        assert bench.phone.look() == ["[image]"]
        await bench.phone.says("再算一次")
        await bench.later(seconds=2)
        assert bench.phone.look() == ["[image]"]
        assert bench.api.calls[UPLOAD] == 1


async def test_where_no_picture_can_go_its_figures_are_told(light: Store) -> None:
    agenda = Agenda("退休", (Day("a", "2029-05-01", "最晚告知单位"),), "2026-11-23T10:00:00+08:00")
    reply = Reply("result", "见下。", charts=(CHART,), agenda=agenda)
    async with connected(light, UNVERIFIED, lambda _: (reply,)) as bench:
        told = await bench.phone.says("算")
        assert "60 岁 2496；63 岁 3011" in told
        assert "2029-05-01 最晚告知单位" in told
    async with connected(light, talk=lambda _: (reply,)) as bench:
        bench.api.faults[UPLOAD] = [40009]
        bench.phone = Phone(bench.platform, "o2")
        told = await bench.phone.says("再算")
        assert "2029-05-01 最晚告知单位" in told
        await bench.later(seconds=2)
        assert bench.phone.look() == ["每月养老金（元/月）。60 岁 2496；63 岁 3011。"]


async def test_a_second_try_goes_on_after_the_part_that_arrived(light: Store) -> None:
    long = "您可以去窗口办理。" * 150
    async with connected(light) as bench:
        await bench.phone.says("好")
        bench.api.faults[SEND] = [0, -1]
        with pytest.raises(Undeliverable):
            await bench.channel.deliver("o1", Reply("staff", long), "k")
        await bench.channel.deliver("o1", Reply("staff", long), "k")
        assert "".join(bench.phone.look()) == long


async def test_the_menu_is_one_that_wechat_takes(light: Store) -> None:
    async with connected(light) as bench:
        await bench.channel.api.set_menu(buttons(MENU))
        for row in bench.api.menu:
            for below in row["sub_button"]:
                assert await bench.phone.taps_menu(below["key"]) == f"收到：{below['key']}"
    for wrong in ([], [("太长的一级菜单名", (("a", "a"),))], [("好", ())]):
        with pytest.raises(ValueError, match=r"."):
            buttons(wrong)
