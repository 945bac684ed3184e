"""What columns and cells mean, and what an unknown one may be. Knows no format, no database and no clock."""
