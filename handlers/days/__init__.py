"""测算结果里的日子，供加入日历和提醒：一个计算器一个文件，同名；`days(given, values, today)`。"""
