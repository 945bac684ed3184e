"""What SQLite alone can or needs: the connection, the file, schema and views, migrations, and its own words in SQL."""
