-- The second step: the history is chained, and people can be forgotten without breaking the chain.

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
-- What is put in another's place breaks the chain, so that no trigger need look for it at every insert.
CREATE TRIGGER chain_is_not_changed BEFORE UPDATE ON chain
WHEN new.position <> old.position OR new.first_id <> old.first_id OR new.last_id <> old.last_id
  OR new.log_ids <> old.log_ids OR new.hashes <> old.hashes OR new.told <> old.told
  OR length(new.salts) <> length(old.salts) BEGIN
  SELECT RAISE(ABORT, 'the history is append-only');
END;
CREATE TRIGGER chain_is_not_deleted BEFORE DELETE ON chain BEGIN
  SELECT RAISE(ABORT, 'the history is append-only');
END;

-- What a server said may name an address: it may go, and nothing else.
DROP TRIGGER status_log_is_not_changed;
CREATE TRIGGER status_log_is_not_changed BEFORE UPDATE ON status_log
WHEN new.detail IS NOT NULL OR new.id <> old.id OR new.notice_id <> old.notice_id
  OR new.delivery_id IS NOT old.delivery_id OR new.at <> old.at OR new.status <> old.status
  OR new.reason IS NOT old.reason OR new.attempts <> old.attempts BEGIN
  SELECT RAISE(ABORT, 'the history is append-only');
END;

-- Who was forgotten (store/forgetting.py): id_hash tells a later row of theirs, and is salted; elsewhere they are
-- called 'forgotten-' and their number.
CREATE TABLE forgotten (
  number INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, id_hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (clinic_id, id_hash)
) STRICT;
DROP TRIGGER action_is_not_changed;
CREATE TRIGGER action_is_not_changed BEFORE UPDATE ON action
WHEN new.patient_id NOT LIKE 'forgotten-%' OR new.patient_id IS NULL OR new.id <> old.id OR new.at <> old.at
  OR new.by_user <> old.by_user OR new.did <> old.did OR new.about <> old.about OR new.about_id <> old.about_id
  OR new.detail <> old.detail OR new.clinic_id IS NOT old.clinic_id BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
