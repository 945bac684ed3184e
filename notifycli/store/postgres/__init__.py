"""What PostgreSQL alone can or needs: the connection, schema, locks, bulk loads, search, and its own words in SQL."""
