-- The history is chained, and people can be forgotten without breaking the chain.
-- The links of what one transaction wrote into status_log (store/sealing.py), side by side in blobs: the row's id (8
-- bytes), the link's hash (32) of the link before it, of the row and of `told`, which is a hash (32) of a salt (16) and
-- of what the row told (domain/chain.py). Zeros for a salt: it was taken away, and nobody can guess what was told.
-- position: of its last link, counted from 1.
CREATE TABLE chain (
  position INTEGER PRIMARY KEY,
  first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,
  log_ids BLOB NOT NULL, hashes BLOB NOT NULL, salts BLOB NOT NULL, told BLOB NOT NULL
) STRICT;
CREATE INDEX chain_of_row ON chain (last_id);
-- Who was forgotten (store/forgetting.py): id_hash tells a later row of theirs, and is salted; elsewhere they are
-- called 'forgotten-' and its id.
CREATE TABLE forgotten (
  id INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, id_hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (clinic_id, id_hash)
) STRICT;
