-- The chain is append-only, as the history is; people can be forgotten without breaking either.

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
WHEN old.detail IS NULL OR new.detail IS NOT NULL OR new.id <> old.id OR new.notice_id <> old.notice_id
  OR new.delivery_id IS NOT old.delivery_id OR new.at <> old.at OR new.status <> old.status
  OR new.reason IS NOT old.reason OR new.attempts <> old.attempts BEGIN
  SELECT RAISE(ABORT, 'the history is append-only');
END;
DROP TRIGGER action_is_not_changed;
CREATE TRIGGER action_is_not_changed BEFORE UPDATE ON action
WHEN new.patient_id NOT LIKE 'forgotten-%' OR new.patient_id IS NULL OR new.id <> old.id OR new.at <> old.at
  OR new.by_user <> old.by_user OR new.did <> old.did OR new.about <> old.about OR new.about_id <> old.about_id
  OR new.detail <> old.detail OR new.clinic_id IS NOT old.clinic_id BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
