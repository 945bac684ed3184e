"""Files become records. Knows the shapes of files and values, not where they are stored or what they bring about."""
