"""The shell: one file a noun. Reads arguments and the clock, calls, hands the result to one renderer.

The only room that knows the time, the terminal and exit codes.
"""
