-- Who sends. id: the fencing token, given once; a delivery that is `sending` has that of its claim. until_at: until when
-- the claims of a process are its own, by the clock of the database; of a file the lock of the runs tells it sooner.
-- process: an id of its own, for people. written: notices of its run that count for the safety stop.
CREATE TABLE lease (
  id INTEGER PRIMARY KEY,
  process TEXT NOT NULL, began_at INTEGER NOT NULL, until_at INTEGER NOT NULL,
  written INTEGER NOT NULL DEFAULT 0
) STRICT;
ALTER TABLE delivery ADD COLUMN claimed_by INTEGER;
