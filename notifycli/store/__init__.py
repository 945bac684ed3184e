"""The only room that knows SQL: the schema, the queries and the engine. Instants are UTC epoch seconds.

Must not know files that come in, channels, or how anything is shown.
"""
