-- Who did what, written in the transaction of the act; nothing overwrites it. by_user: the operating system's user.
-- did: the command as one types it. about, about_id: what it was done to (store/audit.py); detail: nothing personal.
CREATE TABLE action (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, by_user TEXT NOT NULL, did TEXT NOT NULL,
  about TEXT NOT NULL CHECK (about IN ('module', 'type', 'patient', 'notice', 'import', 'call', 'run')),
  about_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  clinic_id TEXT, patient_id TEXT
) STRICT;
CREATE INDEX action_about ON action (about, about_id);
CREATE INDEX action_of_patient ON action (clinic_id, patient_id) WHERE patient_id IS NOT NULL;
CREATE TRIGGER action_is_not_replaced BEFORE INSERT ON action WHEN EXISTS (SELECT 1 FROM action WHERE id = new.id) BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
CREATE TRIGGER action_is_not_changed BEFORE UPDATE ON action BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
CREATE TRIGGER action_is_not_deleted BEFORE DELETE ON action BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
CREATE VIEW audit AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at, by_user AS by, did, clinic_id AS clinic,
  patient_id AS patient, detail
FROM action;
