"""Pure decisions: no database, no network, no clock, no terminal. Instants are UTC epoch seconds."""
