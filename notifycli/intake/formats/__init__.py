"""Bytes of every format become blocks of rows. Must not know what columns mean, the database or a clock."""
