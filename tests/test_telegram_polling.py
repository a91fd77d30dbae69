"""Long polling: what is confirmed, in what order, and what happens when something fails."""

import asyncio

import pytest

from bot.channels.telegram import StaffNotes
from bot.channels.telegram.intake import MOST_TRIES
from bot.engine.types import Address, Choice, Message, Reply
from tests.inboxes import KeptInbox
from tests.telegram_double import NOW, Bench, Citizen, Fault, Refused, connected
from tests.telegram_double.recorded import mutations

NOTES = StaffNotes(not_open="这次对话已结束。", words_only="只能转达文字。")


async def test_what_a_citizen_says_is_heard_once_under_its_updates_number() -> None:
    async with connected() as bench, bench.listening():
        number = await bench.citizen.says("退休年龄")
        await bench.api.confirmed()
        expected = Message(str(number), Address("telegram", "1001"), "退休年龄", NOW)
        assert bench.inbox.messages == [expected]
        assert bench.api.offered[number] == 1


async def test_an_update_is_confirmed_only_after_its_commit() -> None:
    async with connected() as bench:
        inbox = SlowInbox()
        bench.inbox = inbox
        async with bench.listening():
            await bench.citizen.says("在吗")
            await inbox.begun.wait()
            assert len(bench.api.updates) == 1
            inbox.go_on.set()
            await bench.api.confirmed()
            assert not bench.api.updates


async def test_an_update_that_could_not_be_committed_is_offered_again() -> None:
    async with connected() as bench:
        bench.inbox.failures["失业金"] = 2
        async with bench.listening():
            number = await bench.citizen.says("失业金")
            await bench.api.confirmed()
        assert bench.inbox.texts == ["失业金"]
        assert bench.api.offered[number] == 3
        assert bench.pauses == [1.0, 2.0]


async def test_stopped_in_the_middle_of_a_turn_it_hears_the_message_after_the_start() -> None:
    async with connected() as bench:
        inbox = SlowInbox()
        bench.inbox = inbox
        async with bench.listening():
            await bench.citizen.says("在吗")
            await inbox.begun.wait()
        assert inbox.texts == []
        bench.inbox = KeptInbox()
        async with bench.listening():
            await bench.api.confirmed()
        assert bench.inbox.texts == ["在吗"]


async def test_one_persons_messages_stay_in_order_when_the_first_fails() -> None:
    async with connected() as bench:
        other = Citizen(bench.api, 1002, "李四")
        bench.inbox.failures["一"] = 1
        await bench.citizen.says("一")
        await bench.citizen.says("二")
        await other.says("甲")
        await bench.citizen.says("三")
        async with bench.listening():
            await bench.api.confirmed()
        assert bench.inbox.texts == ["甲", "一", "二", "三"]


async def test_different_people_are_handled_at_the_same_time() -> None:
    async with connected() as bench:
        inbox = bench.inbox = RoundTable(guests=20)
        for n in range(20):
            await Citizen(bench.api, 2000 + n).says(f"问题{n}")
        async with bench.listening():
            await bench.api.confirmed()
        assert len(inbox.messages) == 20


async def test_one_that_never_commits_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as bench:
        bench.inbox.failures["毒"] = -1
        number = await bench.citizen.says("毒")
        await Citizen(bench.api, 1002).says("好")
        async with bench.listening():
            await bench.api.confirmed()
            await bench.citizen.says("后来")
            await bench.api.confirmed()
        assert bench.inbox.texts == ["好", "后来"]
        assert bench.inbox.rejections == [(str(number), "could not be handled")]
        assert bench.api.offered[number] == MOST_TRIES
        assert bench.pauses == [1.0, 2.0, 4.0] + [5.0] * (MOST_TRIES - 4)
        assert "毒" not in caplog.text  # the error's own words would quote it
        assert "telegram uncommitted tries=1 error=OSError at=inboxes.py:" in caplog.text


async def test_malformed_and_unknown_updates_are_noted_and_passed() -> None:
    async with connected() as bench, bench.listening():
        await bench.api.put_raw({"update_id": 400_000_000, "message": {"text": 5}})
        await bench.api.put_raw({"update_id": 400_000_001, "thought": {"id": 1}})
        await bench.api.confirmed()
        await bench.citizen.blocks()
        await bench.api.confirmed()
        reasons = [reason for _, reason in bench.inbox.rejections]
        assert reasons == ["malformed KeyError", "unknown kind", "blocked by the citizen"]


async def test_two_thousand_mutated_updates_end_in_heard_or_rejected() -> None:
    async with connected() as bench:
        updates = [update for update in mutations(3, 2000) if isinstance(update, dict)]
        for number, update in enumerate(updates):
            await bench.api.put_raw({**update, "update_id": 600_000_000 + number})
        async with bench.listening():
            await bench.api.until(lambda: not bench.api.updates)
        assert len(bench.inbox.messages) + len(bench.inbox.rejections) == len(updates)
        assert len(bench.inbox.messages) > 100
        assert bench.pauses == []


async def test_updates_without_any_number_are_waited_out_not_spun_on() -> None:
    async with connected() as bench, bench.listening():
        await bench.api.put_raw({"message": {"text": "没有编号"}})
        await bench.api.until(lambda: len(bench.pauses) > 3)
        assert bench.pauses[:4] == [1.0, 2.0, 4.0, 5.0]


async def test_after_a_quiet_time_numbers_may_start_anew_lower() -> None:
    async with connected() as bench:
        bench.api.longest_poll = 0.01
        await bench.citizen.says("先")
        async with bench.listening():
            await bench.api.confirmed()
            polls = bench.api.made("getUpdates")
            await bench.api.until(lambda: "offset" not in bench.api.made("getUpdates")[-1].params)
            assert "offset" in polls[-1].params
            bench.api.next_update = 1000
            await bench.citizen.says("后")
            await bench.api.until(lambda: not bench.api.updates)
        assert bench.inbox.texts == ["先", "后"]


# --- taps and edits ---------------------------------------------------------------------------


async def offer(bench: Bench, *labels: str) -> None:
    choices = tuple(Choice(label, f"/pick {label}") for label in labels)
    await bench.channel.deliver("1001", Reply("menu", "请选一项", choices), "k")


async def test_a_tap_says_what_the_button_sends_and_is_answered() -> None:
    async with connected() as bench, bench.listening():
        await offer(bench, "退休", "失业")
        await bench.citizen.taps("失业")
        await bench.api.until(lambda: bool(bench.api.made("answerCallbackQuery")))
        await bench.api.confirmed()
        assert bench.inbox.texts == ["/pick 失业"]
        assert not bench.api.open_taps


async def test_a_tap_that_is_too_old_to_answer_is_heard_all_the_same() -> None:
    async with connected() as bench:
        await offer(bench, "退休")
        await bench.citizen.taps("退休")
        bench.api.open_taps.clear()
        async with bench.listening():
            await bench.api.until(lambda: bool(bench.api.made("answerCallbackQuery")))
            await bench.api.confirmed()
        assert bench.inbox.texts == ["/pick 退休"]
        [call] = bench.api.made("answerCallbackQuery")
        assert "query is too old" in str(call.description)


async def test_answering_a_tap_never_holds_up_the_turn() -> None:
    async with connected() as bench, bench.listening():
        await offer(bench, "退休")
        bench.api.fault("answerCallbackQuery", Fault(hang=True))
        await bench.citizen.taps("退休")
        await bench.api.confirmed()
        assert bench.inbox.texts == ["/pick 退休"]
        await bench.api.stop()


async def test_an_edit_is_a_message_of_its_own() -> None:
    async with connected() as bench, bench.listening():
        first = await bench.citizen.says("失业斤")
        second = await bench.citizen.edits("失业金")
        await bench.api.confirmed()
        assert [(m.id, m.text) for m in bench.inbox.messages] == [
            (str(first), "失业斤"),
            (str(second), "失业金"),
        ]


# --- the network and Telegram's own troubles --------------------------------------------------


async def test_troubles_are_waited_out_with_growing_pauses() -> None:
    async with connected() as bench:
        bench.api.fault("getUpdates", Fault(page=(502, "<html>Bad Gateway</html>")), times=3)
        bench.api.fault("getUpdates", Fault(cut=True))
        bench.api.fault("getUpdates", Fault(page=(200, '{"ok": true}')))
        bench.api.refuse("getUpdates", 500, "Internal Server Error")
        bench.api.refuse("getUpdates", 429, "Too Many Requests: retry after 5", retry_after=5)
        async with bench.listening():
            await bench.citizen.says("在吗")
            await bench.api.confirmed()
        assert bench.inbox.texts == ["在吗"]
        assert bench.pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 5.0]


async def test_a_second_poller_is_told_of_in_words_a_person_can_act_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    conflict = Refused(409, "Conflict: terminated by other getUpdates request")
    async with connected() as bench:
        bench.api.fault("getUpdates", Fault(conflict))
        async with bench.listening():
            await bench.citizen.says("在吗")
            await bench.api.confirmed()
        assert bench.pauses == [30.0]
        assert "another process uses this bot's token, stop one of them" in caplog.text


async def test_a_refused_token_is_told_of_without_showing_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as bench:
        bench.api.token = "123456789:another"
        async with bench.listening():
            await bench.paused.wait()
        assert bench.pauses[0] == 60.0
        assert "set BOT_TELEGRAM_TOKEN" in caplog.text
        assert "AAE-strictly" not in caplog.text


async def test_it_starts_by_ending_an_old_webhook_and_showing_its_commands() -> None:
    async with connected(
        commands=[("menu", "菜单"), ("human", "转人工")], with_staff=True
    ) as bench:
        bench.api.fault("deleteWebhook", Fault(page=(503, "busy")))
        async with bench.listening():
            await bench.citizen.says("在吗")
            await bench.api.confirmed()
        assert bench.inbox.texts == ["在吗"]
        assert bench.api.commands == [
            {"command": "menu", "description": "菜单"},
            {"command": "human", "description": "转人工"},
        ]
        order = list(dict.fromkeys(call.method for call in bench.api.calls))
        assert order == ["deleteWebhook", "setMyCommands", "sendChatAction", "getUpdates"]


async def test_it_starts_although_commands_and_staff_group_are_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected(commands=[("MENU", "菜单")], with_staff=True) as bench:
        del bench.api.chats[bench.staff.id]
        async with bench.listening():
            await bench.citizen.says("在吗")
            await bench.api.confirmed()
        assert bench.inbox.texts == ["在吗"]
        assert "telegram commands not set reason='Bot_command_invalid'" in caplog.text
        assert "telegram staff group unreachable, add the bot" in caplog.text


# --- staff ------------------------------------------------------------------------------------


async def test_staff_answer_by_replying_to_the_message_of_the_hand_over() -> None:
    async with connected(with_staff=True, staff_notes=NOTES) as bench, bench.listening():
        bench.inbox.open_requests.add(12)
        await bench.channel.deliver(str(bench.staff.id), Reply("handoff", "#H12 有人在等"), "k")
        [capsule] = bench.staff.received
        await bench.staff.says("请带身份证。", to=capsule)
        await bench.staff.says("/close", to=capsule)
        await bench.api.confirmed()
        assert bench.inbox.staff == [(12, "请带身份证。")]
        assert bench.inbox.closed == [12]
        assert len(bench.staff.received) == 1


async def test_staff_learn_that_their_words_did_not_go_out() -> None:
    async with connected(with_staff=True, staff_notes=NOTES) as bench, bench.listening():
        await bench.channel.deliver(str(bench.staff.id), Reply("handoff", "#H9 有人在等"), "k")
        [capsule] = bench.staff.received
        await bench.staff.says("您好", to=capsule)
        await bench.api.until(lambda: len(bench.staff.received) == 2)
        await bench.staff.sends_content({"dice": {"emoji": "🎲", "value": 1}}, to=capsule)
        await bench.api.until(lambda: len(bench.staff.received) == 3)
        assert [m["text"] for m in bench.staff.received[1:]] == [
            "这次对话已结束。",
            "只能转达文字。",
        ]


async def test_what_staff_say_to_each_other_stays_among_them() -> None:
    async with connected(with_staff=True, staff_notes=NOTES) as bench, bench.listening():
        bench.inbox.open_requests.add(12)
        await bench.staff.says("#H12 我来")
        await bench.api.confirmed()
        assert bench.inbox.staff == []
        assert bench.inbox.rejections[-1][1] == "talk among staff"
        assert bench.staff.received == []


async def test_staff_are_heard_in_the_supergroup_that_their_group_became() -> None:
    async with connected(with_staff=True) as bench:
        bench.inbox.open_requests.add(3)
        await bench.staff.becomes_supergroup(-100777)
        async with bench.listening():
            await bench.api.until(lambda: bool(bench.api.made("getUpdates")))
            await bench.channel.deliver(str(bench.staff.id), Reply("handoff", "#H3 等"), "k")
            [capsule] = bench.api.sent(-100777)
            bench.staff.id = -100777
            await bench.staff.says("来了", to=capsule)
            await bench.api.confirmed()
        assert bench.inbox.staff == [(3, "来了")]


async def test_another_group_is_left_alone() -> None:
    async with connected(with_staff=True) as bench, bench.listening():
        bench.staff.id, bench.api.chats[-5] = -5, {"id": -5, "type": "group", "title": "邻居"}
        await bench.staff.says("/help")
        await bench.api.confirmed()
        assert bench.inbox.messages == []
        assert bench.inbox.rejections[-1][1] == "not a private chat"
        assert bench.api.made("sendMessage") == []


class SlowInbox(KeptInbox):
    """Commits when it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def heard(self, message: Message) -> bool:
        self.begun.set()
        await self.go_on.wait()
        return await super().heard(message)


class RoundTable(KeptInbox):
    """Commits when all guests have spoken."""

    def __init__(self, guests: int) -> None:
        super().__init__()
        self._all = asyncio.Barrier(guests)

    async def heard(self, message: Message) -> bool:
        await self._all.wait()
        return await super().heard(message)
