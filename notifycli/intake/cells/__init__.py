"""The text of one cell becomes a clean value: times, phone numbers, words.

Knows one column at a time; must not know formats, kinds or the database.
"""
