"""Fuzzing: what must hold for any bytes (`targets`), and bytes to try it with (`mutate`).

`python -m tests.fuzz --minutes 30` runs it for long; the default test run tries a few hundred inputs.
"""
