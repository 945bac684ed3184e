"""What each kind of record is: how its rows meet what is stored, and what they make happen.

Must not know files or the database.
"""
