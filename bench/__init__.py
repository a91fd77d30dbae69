"""Measurements side by side in one run: `make bench`. Ratios count; times are this machine's."""
