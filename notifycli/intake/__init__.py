"""Files become records. Must not know where they are stored, or what they bring about."""
