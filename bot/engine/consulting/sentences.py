"""Every fixed sentence of the consultation form and what leads to it, in one place.

Rule: as in `bot/engine/words.py`: what happened, the next step, a way out; 您, calm, short.
"""

from __future__ import annotations

# --- the way in ---
OPENING = "（随时可回复：返回、取消、保存、直接提交、转人工）\n"
CARRIED = "就按您刚才说的来整理：“{question}”（要换个问题，回复“换个问题”）\n"
WITH_EVIDENCE = "已收到的 {count} 份截图会一起提交。\n"
ROUTED = "这件事不归社保部门管，由{body}负责，我不重复建单：\n{contact}"
ALSO_ROUTED = "这件事由{body}负责，我不重复建单，免得您白等。"
ANSWERED_ALREADY = "这个问题已有解答：\n{brief}"
GO_ON = "看看是不是您要的；不是的话，可以继续提交咨询。"
FOR_HEAD = "好的，写给负责人（领导信箱）：由负责人安排专人办理，同样给编号和答复日期。\n"
MISSING_TAKEN = "按「缴费记录缺失」受理。"
COMPLAINT_TAKEN = (
    "好的，按「投诉建议」受理。请说：哪个窗口、什么时间、经过、您的诉求（可一次说完）。"
    "可选择【匿名】，匿名只能凭查询码查结果；实名投诉也会为您保密，不会影响您办事。\n"
)
CARD_TAKEN = (
    "常见原因：① 卡未激活社保功能 ② 卡已到期/被挂失 ③ 银行账户未启用。都不是，就帮您提交。\n"
)
WHAT_TO_COMPLAIN = "您要投诉的是哪一种？也可以直接打字说。"
OWED_THERE = "由{insured}医保受理（{phone}），我不重复建单；到期前我可以提醒您复查。"

# --- while it is filled in ---
ANONYMOUS_NOTED = "好的，按匿名受理：工作人员看不到您是谁，结果只能凭查询码查。\n"
HOW_TO_EDIT = "请直接打出改好的问题，或说要改哪一项，例如“参保地改成长沙”。"
HEAD_NOTED = "好的，这件写给负责人（领导信箱）。\n"
NOT_HEAD_NOTED = "好的，不写给负责人，按一般咨询办。\n"
MEANINGS = {
    "region": "参保地就是社保交在哪个城市，一般是单位所在的城市；电子社保卡里也能看到。\n",
    "household": "户籍地就是户口本上写的地方。\n",
    "target": "就是您以后打算在哪个城市接着交社保。\n",
    "care": "就医地就是您要去看病的城市。\n",
    "insurance": "看缺的是养老、医疗、失业、工伤还是生育；不清楚回“不知道”就行。\n",
    "month": "就是查缴费记录时，空着没有的那个月。\n",
    "employer": "就是当时给您发工资的单位，劳动合同或工资条上有名字。\n",
    "when": "说个大概的年月就行，不记得可以回“跳过”。\n",
    "tried": "比如打过 12333、问过单位、去过窗口；什么都没做过，回“没有”就行。\n",
    "kind": "是想分给对的工作人员：问规定选政策解读，要办事选操作流程，查自己的记录选个人账户。不确定就回“对”。\n",
    "ready": "这是我替您整理好的问题，没错就回“提交”，要改就回“修改”。\n",
    "demand": "就是您希望怎么解决，例如道歉、尽快办好。\n",
}
NOT_UNDERSTOOD = "抱歉，没听明白您的意思。可以换个说法，也可以回复“直接提交”或“转人工”。\n"
HELP_TO_TELL = (
    "没关系，说几个词就行：谁的、什么事、哪里不对。例如“我老伴的养老金这个月少了”。"
    "也可以直接发截图，或转人工。"
)
NUMBERS_LEFT = "号码不用发给我；要留电话，提交以后点“留手机号”。\n"
NO_NUMBER = "您是匿名提交的，不用留电话，答复会发在这个对话里。\n"
CAUSES = {
    "missing": "常见：① 单位漏缴/欠缴 ② 申报延迟，刚交的一般次月能看到 ③ 跨地转移未归集，在别的城市交的没转过来 ④ 姓名或身份证号登记有误。",
    "card": "常见：① 卡未激活社保功能 ② 卡已到期/被挂失 ③ 银行账户未启用 ④ 参保状态停了。",
}

# --- disputes with a time limit ---
MENTIONED = "这类争议有法定时限：{limit}。要算截止日，提交后回复“算时限”。\n"

# --- before going to a window ---
BEFORE = "去窗口前，先核对这几样，免得白跑：\n"
CLOSES_SOON = "① 今天 {closes} 关门，现在出发来不及；{day} {opens} 开。"
OPEN_NOW = "① 现在开着，今天 {closes} 关门，抓紧还来得及。"
CLOSED_NOW = "① 现在没有开门，{day} {opens} 开。"
HOURS_UNKNOWN = (
    "① 那里的办公时间，我没有核实过的信息；出门前先打 {phone} 问清楚（人在外地，前面加区号）。"
    "一般周末和节假日不办公，下午快下班时可能停止取号。"
)
BRING_UNKNOWN = "② 带上身份证和社保卡；办哪件事告诉我，我列出要带的材料。"
NEARBY = "③ 能在网上办的，不用跑：问我“能网上办吗”。"

# --- several messages, and the summary ---
SEVERAL = "好的，您慢慢发，发完回复“完了”。（不限时，不会自动断开）"
SEVERAL_KEPT = "记下第 {count} 条。接着发，发完回复“完了”。"
SEVERAL_NOTHING = "还没有收到内容，请先把问题发给我。"
SUMMARY = "整理如下，可直接改："
SUMMARY_BEFORE = "您原来说：{original}"
