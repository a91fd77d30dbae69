"""Every fixed sentence that a citizen can read, in one place; those of the consultation form stand in
`consulting/sentences.py`, and a form's questions with the form.

Rule: say what happened, then the next step, then a way out; 您, calm, short, no exclamation marks.
"""

from __future__ import annotations

GREETING = (
    "您好，我是社保咨询助手。可以直接打字问我，例如“失业金怎么领”，也可以选下面的一项。\n"
    "我能解答政策和办事步骤，不能查您的个人账户。请不要发送完整的身份证号、卡号或验证码。\n"
    "任何时候回复“转人工”，就能找工作人员。"
)
MENU = "请选一项，或直接打字问我。"
HELP = (
    "直接打字问我就可以，一句话、几个词都行，例如“社保卡丢了”“灵活就业 养老保险”。\n"
    "随时可用的词：\n"
    "菜单：回到开头　上一步：退回一步　跳过：不答这一项\n"
    "取消：不办了　保存：先存着，以后接着填　重来：重新开始　转人工：找工作人员\n"
    "也可以拨打 12333 人社热线。"
)
TYPE_NUMBER = "（回复数字或直接打字都可以）"

# --- choices ---
TO_HUMAN = "转人工"
BACK = "返回"
MORE = "更多"
MENU_LABEL = "菜单"
SOLVED = "解决了"
UNSOLVED = "没有解决"
NONE_OF_THESE = "都不是"
LEAVE_MESSAGE = "提交咨询"
STILL_LEAVE_MESSAGE = "还是要提交咨询"
WHOLE_ANSWER = "看完整答案"
SKIP = "跳过"
CANCEL = "取消"
UNKNOWN = "不知道"
CONTINUE = "继续"
NEW_QUESTION = "新问题"
STUCK = "卡住了"
RULES = "了解规定"
DO_IT = "马上办理"
BOTH = "两个都看"
YES, NO = "是", "否"

# --- finding an answer ---
IS_IT_SOLVED = "这解决了您的问题吗？"
GLAD = "好的，很高兴帮到您。还有问题可以接着问。"
SORRY_UNSOLVED = "抱歉没有答到点上。您可以换一种说法再问，也可以提交给工作人员，或转人工。"
WHICH = "您想了解哪一项？"
WHICH_ASPECT = "您是想了解规定，还是马上办理？"
FOLLOWING_TOPIC = "还不确定您指哪件事。刚才说的是“{topic}”，是要继续这件事，还是新的问题？"
NOT_IN_ENTRY = "“{question}”这一条里没有写到这一点。您可以拨打 12333，或转人工问问。"
OWED_ELSEWHERE = "这件事由{body}负责，{phone}。"
FIGURE_MISSING = (
    "这一条涉及的数额，目前没有核实过的数据，我不能随便报数。请以参保地公布为准，可拨打 12333。"
)
OLD_RULE = "您说的是{until}以前的规定，已失效。现在的规定是：\n"
STALE = "\n此条 {checked} 复核，超过 180 天，已请工作人员复核；以当地公告为准。"
BASIS = "依据：{basis}"
HOLDS = "适用地区：{region}　生效：{since}　更新：{checked}"
IN_FORCE = "现行有效"
NO_WHY = "我还没有给过您答案，所以没有可说明的。请先问一个问题。"
WHY = "我选这一条，是因为您的话里这些词对上了：{words}。不对的话，请换个说法，或转人工。"

REFUSED = {
    "off_topic": "这件事不在我能解答的范围内。我只懂社会保险，例如养老、失业、工伤、医保、社保卡。请换个社保问题，或转人工。",
    "too_vague": "我还不确定您想问哪件事。请多说几个字，例如“失业金怎么领”“社保卡丢了怎么办”。也可以看菜单，或转人工。",
    "abuse": "我知道您可能很着急。请告诉我遇到了什么事，我尽力帮您；也可以直接转人工，或拨打 12333。",
    "unreadable": "没看懂这条消息。请用一句话说说您的问题，例如“养老金怎么算”。也可以回复“菜单”。",
}
NO_ANSWER = "这个问题我没有把握，不敢乱答。您可以换一种说法，提交给工作人员，或拨打 12333。"
ROUTED = "这件事不归社保部门管，由{body}负责：{phone}。社保方面的问题，我可以继续帮您。"

# --- empty and odd input ---
EMPTY = "您还没有写内容。请打字说说您的问题，例如“退休金怎么算”，或回复“菜单”。"
EMOJI = "收到您的表情了。想问什么，请打字告诉我，例如“医保断缴怎么办”，或回复“菜单”。"
CUT = "您的消息比较长，我读了前 {length} 个字。"
STICKER = "收到您的表情了。我只看得懂文字，请打字告诉我想问什么。"
VOICE = "我还听不了语音。请打字告诉我，几个词也行；不方便打字，可以拨打 12333。"
VIDEO = "我还看不了视频。请打字说说您的问题。"
LOCATION = "收到您的位置了，但我只认文字。请告诉我城市名，例如“长沙”。"
FILE = "收到文件了，我读不了里面的内容。请打字说说您的问题；需要工作人员看，请回复“转人工”。"
PICTURE, DOCUMENT = "截图", "文件（里面的内容我读不了）"
EVIDENCE = (
    "已收到{what}，暂存为证据 {count}（仅受理人员可见，30 天未提交自动删除）。"
    "图中如有身份证号，请先遮盖再发。\n要现在提交“缴费记录异常”咨询吗？"
)
EVIDENCE_FOR = (
    "已收到{what}，暂存为证据 {count}（仅受理人员可见，30 天未提交自动删除）。"
    "图中如有身份证号，请先遮盖再发。\n要补充到咨询 {number}，还是另外提交？"
)
EVIDENCE_ADD, EVIDENCE_APART = "补充到这件", "另外提交"
EVIDENCE_ADDED = "补充了 {count} 份材料"
EVIDENCE_GOING = (
    "已收到{what}，暂存为证据 {count}（仅受理人员可见，30 天未提交自动删除），提交时一起附上。"
    "图中如有身份证号，请先遮盖再发。"
)
FILE_NOT_KEPT = {
    "empty": "这个文件是空的，没有收下。请重新选一个。",
    "kind": "这个文件没有收下：可以发 PNG、JPEG、WebP、HEIC 图片和 PDF，缴费明细可以发 xlsx 或 csv。请截图或拍照再发。",
    "broken": "这个文件打不开，可能没有传完整，没有收下。请重新发一次，或换成截图。",
    "dimensions": "这张图片的尺寸太大，没有收下。请截图或缩小后再发。",
    "size": "这个文件超过 {megabytes} MB，没有收下。请截图、压缩或分开发。",
    "day": "今天已收下 {most} 份附件，这一份没有收下。明天可以接着发；急事请拨打 12333。",
}
STAFF_ATTACHED = "［附件，可在工作台查看］"
FILE_NOT_KEPT_LATER = "您之前发来的材料没能保存。{why}"
NOT_OFFERED = "现在没有第 {number} 项。数字指的是我最近一次给出的选项，请看下面的，或直接打字。"
OLD_BUTTON = "这个按钮是之前的，现在用不上了。请看下面的选项，或直接打字。"
APOLOGY = "抱歉，我这边出了点问题，您的话没有处理好。请再发一次；还不行的话，请拨打 12333。"

# --- privacy ---
HIDDEN = "为保护隐私，我已把您发的{kinds}隐去（{shown}），请不要再发完整号码。\n"
CODE_GIVEN = (
    "请不要把{what}发给任何人，包括我。我已从记录中隐去该号码。"
    "请在官方小程序或官方网站内自行登录；我无法代您登录。"
)

# --- heat ---
SYMPATHY = "明白您着急，我们一步步来。\n"

# --- staff ---
HANDOFF_OPEN = "好的，正在为您转接{place}。{busy}已附上您的问题和我给过的答案，您不用重复。等待时可以继续补充，也可以接着问我。"
HANDOFF_PLACE = "（前面 {ahead} 位）"
HANDOFF_USUAL = "，最近一般等 {minutes} 分钟"
HANDOFF_BUSY = "现在人比较多，不急的话先留言更快，有答复会通知您。"
HANDOFF_QUIETER = "不着急的话，{when}人少一些（按近 8 周的记录）。"
HANDOFF_CLOSED = (
    "现在不是人工服务时间（工作日 {hours}）。已为您登记，{day} {time} 开始处理。"
    "现在可以先留言，把情况写下来就行；也可以接着问我。{uncertain}"
)
HANDOFF_AGAIN = (
    "已经为您登记过了，工作人员会按顺序处理。您可以继续补充，也可以接着问我。急事请拨打 12333。"
)
HANDOFF_TALKING = "工作人员已经在和您对话，直接打字就可以。想结束请回复“结束对话”。"
CALENDAR_UNKNOWN = "（{year} 年放假安排尚未公布，日期可能因调休变化。）"
STAFF_NOT_OPEN = "这次人工服务已经结束，您的话没有发给市民。"
STAFF_WORDS_ONLY = "目前只能转达文字，这条没有发给市民。"
ADDED_LINE = "补充：{text}"
STAFF_LEFT = "这次人工服务已结束。还有问题可以接着问我。"
STAFF_DISMISSED = "好的，已结束这次人工服务。还有问题可以接着问我。"
ADDED = "已补充给工作人员。"

# --- forms ---
CANCELLED = "好的，已取消，刚才填的没有提交。还可以问别的，或回复“菜单”。"
NOTHING_TO_CANCEL = "现在没有正在办的事。您可以直接打字问我，或回复“菜单”。"
NOTHING_TO_SKIP = "现在没有要跳过的问题。您可以直接打字问我，或回复“菜单”。"
NOTHING_BEHIND = "已经是第一步了。您可以直接回答，或回复“取消”。"
CANNOT_SKIP = "这一项需要您回答。不清楚可以回复“不知道”，或回复“转人工”。"
STARTED_OVER = "好的，重新开始。"
CORRECTED = "已改为：{label} {value}。"
NOTED = "记下了：{what}"
BEGIN = "随时可以回复：上一步、跳过、取消、转人工。\n"
GOING_ON = "（继续填写 {done}/{total}）"
DRAFT_KEPT = "“{title}”已为您保存，随时回复“继续”接着填。"
RESUMED = "接着填“{title}”。"
NOTHING_TO_SAVE = "现在没有要保存的内容。您可以直接打字问我，或回复“菜单”。"
NO_DRAFT = "现在没有保存的草稿。您可以直接打字问我，或回复“菜单”。"
OFFER_HUMAN = "这一项好像不太好填。可以回复“跳过”，或“转人工”请工作人员帮您。"
FORM_CHANGED = "这份表格更新过了，前面填的还在，我们接着来。"

# --- subscriptions and settings ---
SUBSCRIBE, UNSUBSCRIBE, RESUBSCRIBE = "订阅政策", "退订", "重新订阅"
MY_SUBSCRIPTIONS, PUSH_SETTINGS = "我的订阅", "推送设置"
CHANGE_SUBSCRIPTION, LEAVE_TOPIC = "加主题、改地区", "退订{topic}"
WEEKLY, AT_ONCE = "每周汇总", "有就推"
QUIET, NEVER_QUIET = "{begin}–{end} 不打扰", "不设免打扰"
SUBSCRIBED = "已订阅 {what}，{quiet}。回复“退订”随时取消。"
SUBSCRIBE_UNKNOWN = "没认出这个主题，请从下面选。"
SUBSCRIPTIONS = "您的订阅：{what}，{quiet}。"
NOT_SUBSCRIBED = "您还没有订阅。回复“订阅”选主题，有新政策时通知您。"
NO_SUBSCRIPTION = (
    "您现在没有订阅任何消息，以后也不会收到政策推送。"
    "咨询的答复和您自己设的提醒不受影响；也不想收，请回复“推送设置”。"
)
LEFT = (
    "已退订：{what}。不会再收到政策推送。"
    "咨询的答复和您自己设的提醒不受影响；也不想收，请回复“推送设置”。"
)
LEFT_SOME = "已退订{topics}。还订着：{what}。"
SETTINGS = "推送设置："
SETTING, ON, OFF = "{what}：{state}", "开", "关"
SETTINGS_TOPICS = "订阅：{what}"
NO_TOPICS = "订阅：没有"
SETTINGS_QUIET = "免打扰："
CHANGE_QUIET = "改免打扰时间"
SWITCH_ON, SWITCH_OFF = "打开{what}", "关掉{what}"
SWITCHED = "已改好。"
QUIET_SET = "好的，{quiet}。这段时间的推送会留到之后，不会丢；您自己定了几点的提醒照常。"

# --- notices ---
NOTICE_AFFECTS = "影响：{who}"
NOTICE_LINK = "详情：{url}"
NOTICE_WHY = "（您订阅了“{what}”，所以收到这条。回复“退订”不再收。）"
WECHAT_MASS_WHY = "（您在这里订阅了社保通知，所以收到这条。回复“退订”不再收。）"
NOTICE_WHY_CORRECTED = "（您收到过《{title}》，这是更正。）"
NOTICE_WHY_ASKED = "（您问过这个问题，所以告诉您。回复“退订”不再收这类通知。）"
ANSWER_CHANGED = "您问过的答案变了：{question}"
ANSWER_BEFORE_AFTER = "原来：{before}\n\n现在：{after}"
SEE_ANSWER = "看现在的答案"
NOTICE_WHY_SIGNED = "（您报了名，所以提醒您。）"
WITHDRAWN_TITLE = "撤回：{title}"
WITHDRAWN_BODY = "刚才发给您的这条通知有误，已经撤回，请不要按它办理。需要时会另行通知。"
DIGEST_TITLE = "本周政策汇总"

# --- lectures ---
LECTURE_JOIN, LECTURE_LEAVE, LECTURE_ASK = "报名", "不去了", "提前提问"
LECTURE = "时间：{when}\n地点：{place}\n{body}"
LECTURE_JOINED = "已报名《{title}》：{when}，{place}。前一天和开始前 30 分钟会提醒您。"
LECTURE_LEFT = "好的，已取消《{title}》的报名，不再提醒。"
LECTURE_OVER = "这场讲座已经结束或取消了。回复“订阅”，有新的讲座会通知您。"
LECTURE_ASKED = "收到您的问题了，会交给讲课的人；讲座上尽量回答，答不完的可以再问我。"
LECTURE_SOON = "还有{left}：《{title}》{when}"
LECTURE_OFF = "讲座取消：{title}"

# --- reminders ---
MY_REMINDERS, CANCEL_REMINDER, CANCEL_NUMBER = "我的提醒", "取消这个提醒", "取消第{n}个"
CANCEL_THESE = "取消这些提醒"
REMINDER_SET = "好的，{when} 提醒您：{what}。"
REMINDERS_SET = "好的，到时候提醒您："
REMINDERS_MOVED = "您设的提醒已按新结果更新："
REMINDER_WAY_OUT = "情况变了就重新算一次，提醒会跟着更新。不想要了，回复“我的提醒”取消。"
REMINDER_CANCELLED = "已取消。"
REMINDERS = "您的提醒："
NO_REMINDERS = "您现在没有提醒。可以这样说：“12月3日提醒我缴费”“明早8点半提醒我去社保局”。"
CANCEL_WHICH = "要取消哪一个？"
CANCEL_HOW = "取消请回复“取消第1个提醒”，或点下面的按钮。"
REMINDER = "提醒您：{what}\n{why}"
REMIND_WHY_OWN = "（这是您自己设的提醒）"
REMIND_WHY_DAY = "（您要求到时提醒。回复“我的提醒”可以取消）"
REMIND_DAY = "还有{left}：{title}（{day}）"
REMIND_NO_DAYS = "这个结果里没有以后的日期，不用设提醒。可以这样说：“12月3日提醒我缴费”。"
REMIND_WHEN = "没看懂是什么时候。请这样说：“明早8点半提醒我去社保局”“12月3日提醒我缴费”。"
REMIND_PAST = "{when} 已经过了。请换一个以后的时间，例如“明天上午9点提醒我”。"
REMIND_EVERY = {
    "yearly": "以后每年提醒一次。",
    "monthly": "以后每月提醒一次。",
    "weekly": "以后每周提醒一次。",
    "daily": "以后每天提醒一次。",
}
REMIND_THIS = "您要记的这件事"
TOO_MANY_REMINDERS = "您已经有 {most} 个提醒了。请先取消用不着的，再设新的。"

# --- consultations ---
CASE_STATES = {
    "received": "处理中",
    "taken": "处理中",
    "needs_info": "待您补充",
    "answered": "已回复",
    "closed": "已办结",
    "withdrawn": "已撤回",
}
CASE_RECEIPT = (
    "已提交{to_head}，编号 {number}。\n您的问题：{text}\n承诺 {days} 个工作日内（{day} {time} 前）答复，有结果我会主动通知您。\n"
    "{usual}{quieter}{uncertain}查询码 {code}：在别的渠道查进度时用，请不要告诉别人。\n"
    "随时回复“我的咨询”看进度。"
)
CASE_RECEIPT_ANONYMOUS = (
    "已匿名提交{to_head}，编号 {number}。\n您的问题：{text}\n承诺 {days} 个工作日内（{day} {time} 前）答复，有结果会在这个对话里告诉您。\n"
    "{usual}{quieter}{uncertain}查询码 {code}：不出现在“我的咨询”里，以后发编号来查，只能凭查询码查结果，请记下来，不要告诉别人。"
)
CASE_TO_HEAD = "给负责人（领导信箱）"
CASE_USUAL = "近 30 天同类咨询，实际中位数 {days} 个工作日。\n"
CASE_QUIETER = "想转人工的话，{when}人少一些（按近 8 周的记录）。\n"
CASE_LIST = "您的咨询（回复序号查看）："
CASE_LINE = "{n} {number} {title} · {state}"
CASE_PROMISED = "（承诺 {day}）"
CASE_UNREAD = "，未读"
CASE_NONE = "您还没有提交过咨询。有问题可以直接打字问我，也可以提交给工作人员。"
CASE_STATUS = "{number} {state}\n问题：{title}\n提交：{created}"
CASE_STATUS_PROMISE = "承诺：{day} {time} 前答复；到时没有答复，会自动升级至负责人"
CASE_STATUS_WANTED = "需要您补充：{wanted}"
CASE_STATUS_ANSWERED = "答复：{day}"
CASE_NOT_YOURS = (
    "这个编号不在您的账号下。如是您在其他渠道提交的，请提供 6 位查询码（提交时一起给您的）。"
)
CASE_LOCKED = (
    "查询码今天输错的次数太多，这个编号先锁住了，明天再试。也可以用提交时的渠道查，或拨打 12333。"
)
CASE_WRONG_CODE = "查询码不对，请核对后再发一次；忘了的话，可以用提交时的渠道查，或拨打 12333。"
CASE_ANSWER = "您的咨询 {number} 已有答复。\n【工作人员答复】{text}"
CASE_ANSWER_AGAIN = "{number}\n【工作人员答复】{text}"
CASE_RATE = "这次答复您满意吗？还有疑问，直接打字追问就行。"
CASE_NO_ANSWER_YET = "{number} 还没有答复，承诺 {day} {time} 前。有结果我会主动通知您。"
CASE_TAKEN = "您的咨询 {number} 已有工作人员受理，承诺 {day} {time} 前答复。"
CASE_NEEDS_INFO = "您的咨询 {number} 还需要您补充：\n{text}\n直接回复就可以，会附在这个编号下。"
CASE_CLOSED = "您的咨询 {number} 已办结。{text}还有疑问，15 天内直接追问，不用重新提交。"
CASE_TRANSFERRED = "您的咨询 {number} 已转到{text}处理，编号不变，承诺 {day} {time} 前答复。"
CASE_URGED = (
    "已为 {number} 登记催办（今日已催 1 次，每工作日限 1 次）。\n"
    "若 {day} {time} 未答复将自动升级至负责人。{call}"
)
CASE_URGED_ALREADY = (
    "{number} 今天已经催过 1 次（每工作日限 1 次）。承诺 {day} {time} 前答复。{call}"
)
CASE_NOT_WAITING = "{number} 现在是“{state}”，不用催办。"
CASE_SUPPLEMENTED = "已补充到 {number}，工作人员会一起看到。"
CASE_FOLLOWED_UP = "已作为追问附在 {number} 下，无需重新提交。承诺 {day} {time} 前答复。"
CASE_NOTED_UNDER = "这条已附在 {number} 下，无需重新提交。还要问工作人员吗？"
CASE_TOO_LATE = "{number} 答复已超过 15 天，不能再追问了。请重新提交一个咨询，我会帮您带上编号。"
CASE_WITHDRAWN = "{number} 已撤回，不会再打扰您。需要时可以重新提交。"
CASE_WITHDRAW_SURE = "确定撤回 {number} 吗？撤回后工作人员不再处理。"
CASE_CANNOT_WITHDRAW = "{number} 现在是“{state}”，不用撤回。"
CASE_REOPENED = "{number} 已重新打开，承诺 {day} {time} 前答复。"
CASE_SAY_MORE = "请直接打字，我会附在 {number} 下交给工作人员。"
CASE_RATED_GOOD = "谢谢您的评价。还有疑问，15 天内可以直接追问。"
CASE_RATED_FAIR = "谢谢您的评价。哪里可以更好？选一项，或直接打字；不想说也没关系。"
CASE_RATED_BAD = (
    "抱歉没有帮到您，已转负责人复核，{days} 个工作日内（{day} {time} 前）回您。\n"
    "主要是哪里不好？选一项，或直接打字。"
)
CASE_RATED_ALREADY = "这次答复您已经评价过了，谢谢。"
CASE_REASONS = ("没回答到点", "太慢", "看不懂", "态度", "其他")
CASE_REASON_KEPT = "记下了，会一并交给负责人。"
CASE_DAY_LATER = (
    "{number} 已提交 24 小时，仍在处理中，承诺 {day} {time} 前答复。\n"
    "您可以继续等，也可以催办{call}。{script}"
)
CASE_OR_CALL = "，或拨打 12333"
CASE_OWED_CALL = "；不方便补充，也可以拨打 12333"
CASE_MAY_CALL = "您也可以拨打 12333。"
CASE_SCRIPT = "打电话时可以这样说：“我在网上提交过咨询，编号 {number}，关于{title}，请帮我查进度。”"
CASE_HALF_TIME = "咨询 {number} 处理中，承诺 {day} {time} 前答复。需要补充材料，请直接回复本条。"
CASE_OVERDUE = "抱歉，{number} 没有在承诺的时间内答复，已自动升级至负责人。{call}{script}"
CASE_UNREAD_NUDGE = "您的咨询 {number} 已有答复。回复“查看”阅读全文。"
CASE_UNRATED_NUDGE = "{number} 的答复对您有帮助吗？点一下就行，不评价也没关系。"
CASE_OWED_NUDGE = "{number} 还在等您补充：{wanted}\n直接回复就可以{call}。"
CASE_WAITING_ON = "好的，有结果我会主动通知您。"
STAFF_CASE = {
    "urge": "咨询人催办。",
    "supplement": "补充：{text}",
    "follow_up": "追问：{text}",
    "reopen": "要求重新打开：{text}",
    "withdraw": "咨询人已撤回，不用再处理。",
    "escalate": "已超过承诺时间，升级至负责人。",
    "bad": "评价不满意，请负责人复核。{text}",
}
STAFF_CLOCK = {
    "warned": "快到承诺时间（{due}），{who}在办：{title}",
    "to_owner": "已升级，请{owner}处理（承诺 {due}）：{title}",
    "unresolved": "过了办结期限还没有办结，请{owner}处理：{title}",
    "red_15": "超过 15 天没有答复：{title}",
    "red_60": "超过 60 天没有答复，请马上处理：{title}",
    "red_90": "超过 90 天没有答复，属政府网站检查单项否决：{title}",
}
NOBODY_YET = "还没有人"
THE_OWNER = "负责人"
STAFF_CASE_NOT_OPEN = "这件咨询现在不能这样操作（可能已答复、已办结或已撤回），没有发给市民。"
STAFF_DID = {
    "taken": "{by} 认领。",
    "assigned": "{by} 指派给 {text}。",
    "answered": "{by} 已答复：{text}",
    "needs_info": "{by} 请咨询人补充：{text}",
    "transferred": "{by} 转到 {text}。",
    "closed": "{by} 办结。{text}",
    "reopened": "{by} 重新打开。",
}
STAFF_TOPIC = (
    "在这个话题里直接发的文字，会原样发给咨询人。内部商量请用 /note。\n"
    "/claim 认领　/need 要补充什么　/note 内部备注　/close 办结"
)
LEAVE_CONTACT = "留手机号"
CONTACT_ASK = (
    "请发您的手机号，例如 138 开头的 11 位数字。\n"
    "只用于这件咨询 {number} 需要打电话时联系您；加密保存，工作人员点开才看得到，每次查看都有记录，办结后到期删除。"
    "发出来就表示同意；不想留，回复“不留”，不影响办理。"
)
CONTACT_NO = "不留"
CONTACT_KEPT = "手机号已加密保存在 {number} 下，聊天记录里不会显示。"
CONTACT_NOT_HERE = "{number} 不是在这里提交的，或已经办完，这里留不了手机号。请在提交它的渠道里留。"
CONTACT_ANONYMOUS = "{number} 是匿名提交的，不用留手机号，答复会发在这个对话里。"
CONTACT_NOT_KEPT = "好的，不留手机号，照样办理。"
CONTACT_UNCLEAR = "这不像一个手机号（11 位，例如 138 开头）。请再发一次，或回复“不留”。"
CONTACT_ELSEWHERE = (
    "这个渠道的服务器在境外，这里不收手机号。不留也不影响办理；想留的话，请到网页或微信里办。"
)
URGE, FOLLOW_UP, SUPPLEMENT, WITHDRAW = "催办", "追问", "补充", "撤回"
KEEP_WAITING, CALL_HOTLINE, READ_ANSWER = "继续等", "拨打12333", "查看"
MY_CASES, ASK_STAFF = "我的咨询", "问工作人员"

# --- one person in several channels ---
LINK_CODE = (
    "绑定码：{code}（10 分钟内有效，只能用一次，请不要告诉别人）。\n"
    "请在另一个渠道（微信、网页或 Telegram）里给我发“绑定 {code}”，两边就是同一个人：咨询、草稿都能接着办。"
)
LINKED = "已绑定，和您在{channel}的是同一个人了。在哪边都能查到您的咨询。不想要了，回复“解除绑定”。"
LINK_DRAFT = "您在那边没填完的“{title}”也带过来了，回复“继续”接着填。"
LINK_FAILED = {
    "wrong": "绑定码不对，或已过 10 分钟。请在原来的渠道回复“绑定”，重新要一个。",
    "locked": "今天输错的次数太多，明天再试。也可以在原来的渠道接着办，或转人工。",
    "same": "这个绑定码是在这里要的，请到另一个渠道里发。",
}
LINK_CUT = "已解除绑定。这里只看得到在这个渠道提交的咨询。"
LINK_NONE = "您没有绑定别的渠道。想绑定请回复“绑定”。"

# --- what is kept of a person ---
DATA_KEPT = (
    "您在这里的数据：{what}。全部内容在下面的文件里（个人号码已隐去）。\n"
    "不想再保存，可以删除；聊天内容到期也会自动删除。"
)
DATA_NOTHING = "没有"
DATA_FILE = "您的数据（文件）"
ERASE_MY_DATA = "删除我的数据"
ERASE_SURE = (
    "确定删除吗？聊天记录、草稿、提醒、订阅、保存的测算会马上删除，不能恢复。\n"
    "已经提交的咨询依法要留档，到期才删；没答复的请先撤回。"
)
ERASE_YES = "确定删除"
ERASE_NO = "先不删"
ERASED = "已于 {when} 删除：{what}。这一条就是回执。"
ERASED_KEPT = "依法留档、到期自动删除：{what}。"

# --- calculators ---
CALCULATED_ON = "按 {day} 的规定和数据计算。"
SECOND_HAND = "{titles}：只有转引或一处来源，没有对过原文，请以当地公布为准。"
PICTURE_NOTE = "按 {day} 的数据，仅供参考，以核定为准。"
ONLY_AN_ESTIMATE = "以上为试算，仅供参考，以经办机构核定为准。"
CALCULATE = "算一算"
CALCULATE_THIS = "算一算：{title}"
CALCULATE_YOURS = "按您说的数字算"
RULE_FIRST = "先看规定"
CALCULATORS = "想算哪一项？"
CHANGE_ONE = "改一个条件"
CHANGE_WHICH = "想改哪一项？"
OTHER_CALCULATORS = "再算别的"
CHECK_BY_HAND = "提交人工核对"
SAVE, REMIND, TO_CALENDAR = "保存", "提醒我", "加入日历"
MY_RESULTS, DELETE, DELETE_ALL, ASK_GAP = "我的测算", "删除", "全部删除", "追问差异原因"
RESULT_NUMBER = "（测算编号 {number}）"
RESULT_SAVED = (
    "已保存（测算编号 {number}）：{title}，{headline}\n"
    "随时回复“我的测算”，会按当天的参数重新算给您看；不要了可以删除。"
)
RESULTS_FULL = "您已经保存了 {most} 个测算，请先在“我的测算”里删掉不要的，再来保存。"
RESULTS = "您保存的测算（回复序号，按今天的参数看）："
RESULTS_MORE = "还有 {more} 个更早的，删掉前面的就能看到。"
RESULT_NEWER = "（参数有更新）"
NO_RESULTS = "您还没有保存过测算。算完以后回复“保存”就可以。"
RESULT_NOT_THERE = "没有找到这个测算，可能已经删除。"
RESULTS_GONE = "已删除。"
RESULT_BEFORE = "（测算编号 {number}，{day} 保存）"
RESULT_SAME = "用到的参数没有变化。"
RESULT_OLD = "这项测算要填的内容变了，现在不能直接重算，请重新测算一次。"
RESULT_RENEWED = "您的测算“{title}”已按新参数更新：{change}。"
RENEWAL_WAY_ON = "回复“我的测算”看明细。不想收这类消息，回复“推送设置”。"
RESULT_WAS_NOW = "原来 {was} 现在 {now}"
RESULT_WHY = "变化的参数：{why}。"
CALENDAR_MADE = "日历文件做好了，点开就能加入手机日历：\n{days}"
NO_DAYS = "这个结果里没有以后的日子，不用加入日历。"
COMPARED = "对比 {number}：工具 {ours} ／ 人工 {theirs} ／ 差 {gap}"
COMPARED_ALIKE = "两边一致。"
COMPARED_WHY = "差异来源：{why}。"
COMPARED_INPUT = "人工用的{label} {theirs}（您填 {ours}）"
COMPARED_FIGURES = "保存以后参数有更新"
COMPARED_LEFT = "另 {left} 未说明"
COMPARED_ALL_LEFT = "人工答复没有写明用的哪些数，{left} 未说明"
NOT_GIVEN = "没填"
GAP_QUESTION = (
    "您好，请问人工核定的金额和工具测算（测算编号 {number}）相差的原因是什么？"
    "核定时用的缴费年限、平均缴费指数、账户余额和计发基数各是多少？谢谢。"
)
READ_OUT = (
    "拨打 12333，可以照着念：\n“您好，请帮我核对{title}。我的情况是：{inputs}。请问能领多少，按什么数算的？”\n"
    "不用在聊天里发身份证号；电话里要核实身份，按接线员的提示办。问到结果可以发给我，我帮您对照。"
)
PLEASE_CHECK = "请核对测算：{title}\n填的：{inputs}\n工具的结果：\n{result}"
PLEASE_CHECK_LINE = "请核对：{line}"
NO_CHECKED_FIGURE = (
    "这里要用的当地数据，我没有核实过，不能随便估算。请拨打参保地 12333（医保、生育待遇 12393）"
    "问清楚；问到以后可以再来算。"
)

# --- guides ---
GUIDE_STEP = "第 {step}/{steps} 步　{title}\n{text}"
GUIDE_HINT = "完成请回“好了”，遇到问题回“卡住了”，想看上一步回“上一步”。"
GUIDE_DONE = "“{title}”的步骤走完了。还有不清楚的可以接着问。"
GUIDE_KEPT = "刚才的步骤已为您留着，随时回复“继续”接着走。"
GUIDE_LEFT = "好的，先到这里。回复“带我{short}”可以重新开始。"
GUIDE_STUCK = "页面上提示什么？可以把提示打出来。常见情况：\n{cases}"
GUIDE_STUCK_NOTHING = "页面上提示什么？可以把提示打出来，我帮您看；也可以转人工，或拨打 12333。"
GUIDE_GOING_ON = "（继续第 {step}/{steps} 步：{title}）"
GUIDE_CHECKLIST = "去之前核对：\n{items}\n缺哪样回哪样，我告诉您怎么办。"
GUIDE_FORMS = "《{title}》有 {forms}。您想看哪种？"
NO_VIDEO = "这件事目前没有官方视频，有分步文字版。"

# --- contacts ---
CONTACT_OPEN = "现在：办公时间"
CONTACT_CLOSED = "现在：非办公时间，{day} {time} 开门"
CONTACT_UNKNOWN_PLACE = (
    "您要问哪个城市？例如“长沙社保局电话”。全国可拨打 12333（前面加区号可转到外地）。"
)
CONTACT_NOT_VERIFIED = (
    "{place}经办机构的地址、窗口电话和办公时间，我没有核实过的信息，不能随便给您。"
    "请拨打下面的热线（人在外地，前面加{place}的区号），问清楚再去，免得白跑。"
)
ONLY_GOV = "只认 gov.cn 域名，其他网站请勿填写个人信息。"
HOURS_UNVERIFIED = "人工一般在工作日接听（今天是{today}），各地时间不同，以电话提示为准。"

# --- policies ---
POLICIES_FOUND = "找到 {count} 份文件（新的在前）："
POLICIES_HINT = "回复序号看要点。"
POLICIES_SUBSCRIBE = "回复“订阅 {topic}”，有新文件时通知您。"
POLICIES_NONE = (
    "没有找到相关文件。可以换个词，例如“失业保险文件”；官方文件请以 www.mohrss.gov.cn 为准。"
)

# --- menu ---
MENU_TITLE = "{path}\n请选一项："
MENU_EMPTY = "这一类还没有内容。"
SCENARIOS = "常见的几种情况，选一个，我一步步陪您："

# --- channels, and what is not there yet ---

# --- web: what a request is told that was not taken ---
WEB_REFUSED = {
    "unreadable": "这条消息没能读懂，没有收下。请重新打字，再发一次。",
    "too_long": "这条消息太长，没有收下。请分成几条发，每条不超过 4000 字。",
    "too_fast": "您发得有点快，请过 {seconds} 秒再发。",
    "unknown_visitor": "没能认出这次对话，没有收下。请刷新页面；还不行，请允许浏览器保存本站的 Cookie，或拨打 12333。",
    "foreign": "这个请求不是从咨询页面发出的，没有收下。请打开咨询页面再试。",
    "crowded": "现在咨询的人比较多，请稍等一会儿，页面会自动重试。急事请拨打 12333。",
    "not_found": "没有找到这个页面。请回到咨询首页，或拨打 12333。",
    "not_offered": "这个地址不能这样使用。请回到咨询首页，或拨打 12333。",
    "fault": "抱歉，我这边出了点问题，没有收下。请稍后再试；急事请拨打 12333。",
}

# --- WeChat: what does not fit, comes late, or waits ---
WECHAT_CONTINUE = "（还有内容，请回复“继续”接着看）"
WECHAT_UNREAD = "（您还有没看的回复，请回复“查看”阅读）"
WECHAT_SLOW = "还在为您查，请稍等几秒，再回复“查看”。"
WECHAT_WORDLESS = "请选一项："
WECHAT_FILE_LINK = {
    "file": "点这里打开文件（24 小时内有效）",
    "image": "点这里看图（24 小时内有效）",
}
WECHAT_FILE = (
    "{what}：内容太长，微信里放不下。请在这里发“绑定”拿 6 位码，到网页版里输入，再要一次就能下载。"
)
WECHAT_AGENDA = "要放进手机日历，请在这里发“绑定”拿 6 位码，到网页版里输入，再算一次就能下载。"
WECHAT_LINK_OVER = "这个链接已经过期，或者文件已经删除。请回到对话里再要一次。"
WECHAT_HINTS = (WECHAT_CONTINUE, WECHAT_UNREAD)
WECHAT_RELEASE = ("查看", "继续")
