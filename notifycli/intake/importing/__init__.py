"""One import from its beginning to its report.

Must not know the terminal.
"""
