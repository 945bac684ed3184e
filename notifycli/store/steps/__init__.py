"""What the schema's steps after the first do to tables and views, in SQLite's words, for both engines' migrations."""

SECOND_SCHEMA = ("leases.sql", "detours.sql", "services.sql", "pauses.sql", "chain.sql")
