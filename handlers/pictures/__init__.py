"""测算结果的图：一个计算器一个文件，同名；`picture(given, work, sheet)` 给不出图时返回 None。"""
