-- The chain is append-only, as the history is; people can be forgotten without breaking either.

-- What a transaction wrote into the history and has not sealed yet; empty between transactions. Numbers of rows do not
-- rise with the transactions here, so that the last link does not tell it.
CREATE TABLE unsealed (log_id BIGINT NOT NULL);
CREATE INDEX unsealed_ids ON unsealed (log_id);
CREATE FUNCTION note_as_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unsealed VALUES (new.id);
  RETURN NULL;
END $$;
CREATE TRIGGER status_log_is_to_be_sealed AFTER INSERT ON status_log
  FOR EACH ROW EXECUTE FUNCTION note_as_unsealed();
CREATE FUNCTION note_as_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM unsealed WHERE log_id BETWEEN new.first_id AND new.last_id;
  RETURN NULL;
END $$;
CREATE TRIGGER chain_seals AFTER INSERT ON chain FOR EACH ROW EXECUTE FUNCTION note_as_sealed();
INSERT INTO unsealed SELECT id FROM status_log;

CREATE TRIGGER chain_is_not_changed BEFORE UPDATE ON chain FOR EACH ROW
  WHEN (new.position <> old.position OR new.first_id <> old.first_id OR new.last_id <> old.last_id
    OR new.log_ids <> old.log_ids OR new.hashes <> old.hashes OR new.told <> old.told
    OR length(new.salts) <> length(old.salts))
  EXECUTE FUNCTION refuse_change('the history');
CREATE TRIGGER chain_is_not_deleted BEFORE DELETE ON chain
  FOR EACH ROW EXECUTE FUNCTION refuse_change('the history');
CREATE TRIGGER chain_is_not_emptied BEFORE TRUNCATE ON chain
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the history');

DROP TRIGGER status_log_is_not_changed ON status_log;
CREATE TRIGGER status_log_is_not_deleted BEFORE DELETE ON status_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change('the history');
CREATE TRIGGER status_log_is_not_changed BEFORE UPDATE ON status_log FOR EACH ROW
  WHEN (old.detail IS NULL OR new.detail IS NOT NULL OR new.id <> old.id OR new.notice_id <> old.notice_id
    OR new.delivery_id IS DISTINCT FROM old.delivery_id OR new.at <> old.at OR new.status <> old.status
    OR new.reason IS DISTINCT FROM old.reason OR new.attempts <> old.attempts)
  EXECUTE FUNCTION refuse_change('the history');

DROP TRIGGER action_is_not_changed ON action;
CREATE TRIGGER action_is_not_deleted BEFORE DELETE ON action
  FOR EACH ROW EXECUTE FUNCTION refuse_change('who did what');
CREATE TRIGGER action_is_not_changed BEFORE UPDATE ON action FOR EACH ROW
  WHEN (new.patient_id NOT LIKE 'forgotten-%' OR new.patient_id IS NULL OR new.id <> old.id OR new.at <> old.at
    OR new.by_user <> old.by_user OR new.did <> old.did OR new.about <> old.about OR new.about_id <> old.about_id
    OR new.detail <> old.detail OR new.clinic_id IS DISTINCT FROM old.clinic_id)
  EXECUTE FUNCTION refuse_change('who did what');
