"""Replies as Telegram gets them, and what its refusals come to."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Limits, Undeliverable
from bot.channels.telegram.keyboard import rows
from bot.channels.telegram.sending import Words, calls
from bot.engine.types import Attachment, Choice, Reply
from tests.telegram_double import Fault, Refused, buttons, connected, utf16

LIMITS = Limits(text=4096, unit="utf16")


def answer(text: str, *labels: str, attachments: tuple[Attachment, ...] = ()) -> Reply:
    choices = tuple(Choice(label, f"/x {n}") for n, label in enumerate(labels))
    return Reply("answer", text, choices, attachments=attachments)


async def refusal(
    code: int, description: str, times: int = 1, with_staff: bool = False, **parameters: int
) -> Undeliverable:
    """What a refused sendMessage comes to."""
    async with connected(with_staff=with_staff) as bench:
        user = str(bench.staff.id if with_staff else bench.citizen.id)
        fault = Fault(Refused(code, description, **parameters))
        bench.api.fault("sendMessage", fault, times)
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver(user, answer("好"), "k")
        return caught.value


# --- words ------------------------------------------------------------------------------------


async def test_a_reply_arrives_as_plain_text_without_a_preview() -> None:
    text = "_*[张三](tg://user?id=1)<b>`{[ https://rsj.gov.cn"
    async with connected() as bench:
        await bench.channel.deliver("1001", answer(text), "k")
        assert bench.citizen.texts == [text]
        [call] = bench.api.made("sendMessage")
        assert call.params["link_preview_options"] == {"is_disabled": True}
        assert "parse_mode" not in call.params


async def test_4097_characters_arrive_as_two_messages_with_the_buttons_below_the_second() -> None:
    text = "您可以去窗口办理。" * 455 + "再见"
    assert len(text) == 4097
    async with connected() as bench:
        await bench.channel.deliver("1001", answer(text, "解决了", "转人工"), "k")
        first, second = bench.citizen.received
        assert first["text"] + second["text"] == text
        assert first["text"].endswith("。")
        assert not buttons(first)
        assert [b["text"] for b in buttons(second)] == ["解决了", "转人工"]


async def test_emoji_are_counted_as_telegram_counts() -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", answer("😀" * 2049), "k")
        assert [utf16(text) for text in bench.citizen.texts] == [4096, 2]


async def test_control_characters_and_lone_surrogates_do_not_go_out() -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", answer("您\x00好\ud83d\u202e呀\n再见"), "k")
        assert bench.citizen.texts == ["您好呀\n再见"]


async def test_an_empty_reply_is_not_sent_and_said_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", answer(" \x00"), "k")
        assert bench.citizen.received == []
        assert "telegram reply is empty kind=answer" in caplog.text


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=30), max_size=120))
def test_any_reply_becomes_messages_that_telegram_takes(text: str, labels: list[str]) -> None:
    for call in calls(answer(text, *labels), LIMITS, to_staff=False):
        assert isinstance(call, Words)
        assert 0 < utf16(call.text) <= 4096


# --- choices ----------------------------------------------------------------------------------


def layout(*labels: str) -> list[list[str]]:
    return [[choice.label for choice in row] for row in rows(answer("", *labels).choices)]


def test_short_labels_stand_side_by_side_and_long_ones_alone() -> None:
    assert layout("是", "否", "不知道", "跳过") == [["是", "否", "不知道"], ["跳过"]]
    assert layout("是", "城乡居民养老保险", "否") == [["是"], ["城乡居民养老保险"], ["否"]]


def test_a_label_is_measured_as_wide_as_it_looks() -> None:
    assert layout("12345678", "五个汉字呀", "b") == [["12345678", "五个汉字呀", "b"]]
    assert layout("六个汉字的呀", "b") == [["六个汉字的呀"], ["b"]]


async def test_a_button_sends_what_its_choice_says() -> None:
    async with connected() as bench:
        send = "退" * 21 + "a"  # 64 bytes
        await bench.channel.deliver("1001", Reply("menu", "选", (Choice("退休", send),)), "k")
        assert buttons(bench.citizen.received[0]) == [{"text": "退休", "callback_data": send}]


async def test_more_choices_than_telegram_has_buttons_are_numbered() -> None:
    async with connected() as bench:
        labels = [f"第{n}项" for n in range(1, 102)]
        await bench.channel.deliver("1001", answer("选一项", *labels), "k")
        [message] = bench.citizen.received
        assert "\n101 第101项" in message["text"]
        assert not buttons(message)


async def test_choices_without_words_still_arrive() -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", answer("", "是", "否"), "k")
        assert bench.citizen.texts == ["…"]


# --- attachments ------------------------------------------------------------------------------

KINDS = [
    ("photo", "image"),
    ("document", "file"),
    ("voice", "voice"),
    ("audio", "voice"),
    ("video", "video"),
    ("video_note", "video"),
    ("animation", "video"),
    ("sticker", "sticker"),
]


@pytest.mark.parametrize(("theirs", "ours"), KINDS)
async def test_what_a_citizen_sent_can_be_sent_on_to_staff(theirs: str, ours: str) -> None:
    async with connected(with_staff=True) as bench:
        async with bench.listening():
            await bench.citizen.sends(theirs)
            await bench.api.until(lambda: bool(bench.inbox.messages))
        attachment = bench.inbox.messages[0].attachment
        assert attachment is not None
        assert attachment.kind == ours
        reply = answer("#H7 收到一份材料", attachments=(attachment,))
        await bench.channel.deliver(str(bench.staff.id), reply, "k")
        sent, words = bench.staff.received
        assert theirs in sent
        assert words["text"] == "#H7 收到一份材料"
        assert sent.get("caption", "#H7") == "#H7"


async def test_a_place_is_sent_on() -> None:
    async with connected() as bench:
        place = Attachment("location", "28.228209,112.938814")
        await bench.channel.deliver("1001", answer("在这里", attachments=(place,)), "k")
        assert bench.citizen.received[0]["location"]["latitude"] == 28.228209


async def test_a_file_that_telegram_no_longer_has_does_not_hold_up_the_words() -> None:
    async with connected() as bench:
        gone = Attachment("image", "AgACAgUAAxkBAAIgone")
        await bench.channel.deliver("1001", answer("请看", attachments=(gone,)), "k")
        assert bench.citizen.texts == ["请看"]


@pytest.mark.parametrize("ref", ["/etc/passwd", "var/photo.png", "http://169.254.169.254/x", ""])
async def test_what_is_no_file_of_telegram_is_never_opened_or_fetched(ref: str) -> None:
    async with connected() as bench:
        await bench.channel.deliver(
            "1001", answer("请看", attachments=(Attachment("file", ref),)), "k"
        )
        assert [call.method for call in bench.api.calls] == ["sendMessage"]


# --- refusals ---------------------------------------------------------------------------------

GONE = [
    (403, "Forbidden: bot was blocked by the user"),
    (403, "Forbidden: user is deactivated"),
    (403, "Forbidden: bot was kicked from the supergroup chat"),
    (403, "Forbidden: bot can't initiate conversation with a user"),
    (403, "Forbidden: the group chat was deleted"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: PEER_ID_INVALID"),
    (400, "Bad Request: have no rights to send a message"),
]


@pytest.mark.parametrize(("code", "description"), GONE)
async def test_someone_who_cannot_be_reached_is_not_tried_again(
    code: int, description: str
) -> None:
    failure = await refusal(code, description)
    assert failure.permanent
    assert not failure.uncertain
    assert failure.reason.lower() in description.lower()


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (400, "Bad Request: message is too long"),
        (400, "Bad Request: BUTTON_DATA_INVALID"),
        (403, "Forbidden: something new"),
        (401, "Unauthorized"),
        (500, "Internal Server Error"),
        (409, "Conflict: something"),
    ],
)
async def test_what_is_not_on_the_list_is_not_permanent(code: int, description: str) -> None:
    failure = await refusal(code, description)
    assert not failure.permanent
    assert not failure.uncertain
    assert failure.retry_after is None


async def test_a_429_says_for_how_long_to_pause() -> None:
    failure = await refusal(429, "Too Many Requests: retry after 17", retry_after=17)
    assert failure.retry_after == 17.0
    assert not failure.permanent
    assert not failure.uncertain


@pytest.mark.parametrize(
    "fault",
    [
        Fault(page=(502, "<html><h1>502 Bad Gateway</h1></html>")),
        Fault(page=(200, "<html>请先登录无线网络</html>")),
        Fault(cut=True),
        Fault(cut=True, accepted=True),
        Fault(hang=True, accepted=True),
    ],
    ids=["gateway", "captive portal", "cut before", "cut after", "time-out"],
)
async def test_a_call_that_may_have_arrived_is_uncertain(fault: Fault) -> None:
    async with connected(patience=0.2) as bench:
        bench.api.fault("sendMessage", fault)
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver("1001", answer("好"), "k")
        assert caught.value.uncertain
        assert not caught.value.permanent
        assert len(bench.citizen.received) == int(fault.accepted)


async def test_a_call_that_never_left_is_certain() -> None:
    async with connected() as bench:
        await bench.api.stop()
        bench.channel._client._base_url = "http://127.0.0.1:9/bot"  # nobody listens there
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver("1001", answer("好"), "k")
        assert not caught.value.uncertain
        assert not caught.value.permanent


async def test_a_200_that_cannot_be_read_counts_as_delivered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as bench:
        odd = '{"ok": true, "result": {"message_id": 5, "date": 1795429800000000, "chat": 7}}'
        bench.api.fault("sendMessage", Fault(page=(200, odd)))
        bench.api.fault("sendLocation", Fault(page=(200, odd)))
        place = Attachment("location", "28.228209,112.938814")
        await bench.channel.deliver("1001", answer("好", attachments=(place,)), "k")
        assert [call.method for call in bench.api.calls] == ["sendLocation", "sendMessage"]
        assert "telegram answer unreadable" in caplog.text


async def test_only_what_is_paid_for_says_so() -> None:
    async with connected() as bench:
        await bench.channel.deliver("1001", answer("好"), "k1")
        await bench.channel.deliver_paid("1001", answer("长" * 5000, "退订"), "k2")
        paid = [call.params.get("allow_paid_broadcast") for call in bench.api.calls]
    assert paid == [None, "true", "true"]


async def test_what_is_no_number_is_no_address() -> None:
    async with connected() as bench:
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver("小芳", answer("好"), "k")
        assert caught.value.permanent


async def test_a_second_try_goes_on_after_the_part_that_arrived() -> None:
    async with connected() as bench:
        text = "长" * 4096 + "尾"
        bench.api.fault("sendMessage", None)
        bench.api.refuse("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
        with pytest.raises(Undeliverable):
            await bench.channel.deliver("1001", answer(text), "k")
        await bench.channel.deliver("1001", answer(text), "k")
        assert bench.citizen.texts == ["长" * 4096, "尾"]


# --- the staff's group ------------------------------------------------------------------------


async def test_every_part_for_staff_carries_the_tag() -> None:
    async with connected(with_staff=True) as bench:
        reply = answer("#H31 有人在等\n" + "他说了很多。" * 1400)
        await bench.channel.deliver(str(bench.staff.id), reply, "k")
        texts = [message["text"] for message in bench.staff.received]
        assert len(texts) == 3
        assert all(text.startswith("#H31") for text in texts)


async def test_a_group_that_became_a_supergroup_is_followed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected(with_staff=True) as bench:
        await bench.staff.becomes_supergroup(-100777)
        with pytest.raises(Undeliverable) as caught:
            await bench.channel.deliver(str(bench.staff.id), answer("#H1 问"), "k")
        assert not caught.value.permanent
        assert not caught.value.uncertain
        await bench.channel.deliver(str(bench.staff.id), answer("#H1 问"), "k")
        assert [m["text"] for m in bench.api.sent(-100777)] == ["#H1 问"]
        assert "put it into the settings: was=-4001 now=-100777" in caplog.text


@pytest.mark.parametrize(("code", "description"), GONE)
async def test_the_staff_group_is_never_given_up_and_the_log_says_what_to_do(
    code: int, description: str, caplog: pytest.LogCaptureFixture
) -> None:
    failure = await refusal(code, description, with_staff=True)
    assert not failure.permanent
    assert "telegram staff group unreachable, add the bot" in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR


async def test_a_moved_chat_of_anyone_else_is_gone() -> None:
    failure = await refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-5)
    assert failure.permanent
