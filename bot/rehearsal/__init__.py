"""The outside door: the whole bot without a network, on a simulated clock."""
