-- What hosts that share a database have in common of the services that they send by; in a file one run knows it alone.
-- service: a hash of its settings. until_at: it wants nothing before that, from a sender ('': from anybody).
CREATE TABLE circuit (
  service TEXT NOT NULL, sender TEXT NOT NULL, until_at INTEGER NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (service, sender)
) STRICT, WITHOUT ROWID;
-- next_at: when the next turn is free, in milliseconds of the epoch.
CREATE TABLE pace (service TEXT NOT NULL PRIMARY KEY, next_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
