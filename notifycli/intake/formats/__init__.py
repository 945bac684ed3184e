"""Bytes of every format become blocks of rows. Knows no columns' meanings, no database and no clock."""
