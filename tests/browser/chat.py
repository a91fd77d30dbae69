"""The chat page as a test uses it: by what a citizen sees and presses."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import BrowserContext, Locator, Page, expect

from bot.engine.types import Choice, Message, Reply

GREETING = "您好，我是社保咨询助手。"
LONG = "失业金" * 400
REPLIES = {
    "/start": Reply("menu", GREETING, (Choice("常见问题", "/topics"), Choice("转人工", "/human"))),
    "/topics": Reply("menu", "请选一项：", (Choice("失业金怎么领", "/faq SY01"),)),
    "长": Reply("answer", LONG + "\n" + "x" * 300, (Choice("很长的选项" * 12, "/faq SY02"),)),
}


def clerk(message: Message) -> list[Reply]:
    """Greets, offers, and repeats all else."""
    return [REPLIES.get(message.text, Reply("answer", f"收到：{message.text}"))]


@dataclass(frozen=True)
class Chat:
    page: Page

    @classmethod
    async def opened(cls, context: BrowserContext, url: str) -> Chat:
        page = await context.new_page()
        await page.goto(url)
        return cls(page)

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("请输入您的问题")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def state(self) -> Locator:
        return self.page.locator("#state")

    @property
    def pending(self) -> Locator:
        return self.page.locator("#unsent article")

    async def say(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def tap(self, label: str) -> None:
        await self.log.get_by_role("button", name=label, exact=True).last.click()

    async def hears(self, *texts: str) -> None:
        """Waits until the conversation is exactly this, both sides."""
        await expect(self.log.locator(".words")).to_have_text(list(texts))

    async def is_still(self) -> None:
        """Nothing waits to be sent."""
        await expect(self.pending).to_have_count(0)
