"""Which contract column each column of a file is, and what an unknown one may be.

Knows names and shapes; must not know the database.
"""
