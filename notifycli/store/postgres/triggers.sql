-- The history writes itself: every change of status is copied into status_log, which refuses updates and deletes.

CREATE FUNCTION log_status_of_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO status_log (notice_id, delivery_id, at, status, reason, detail, attempts)
  VALUES (new.notice_id, new.id, new.status_at, new.status, new.reason, new.detail, new.attempts);
  RETURN NULL;
END $$;
CREATE TRIGGER delivery_is_new AFTER INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION log_status_of_delivery();
CREATE TRIGGER delivery_changes_status AFTER UPDATE OF status ON delivery
  FOR EACH ROW EXECUTE FUNCTION log_status_of_delivery();

CREATE FUNCTION log_skip_of_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO status_log (notice_id, delivery_id, at, status, reason, attempts)
  VALUES (new.id, NULL, new.skipped_at, CASE WHEN new.skip_reason IS NULL THEN 'queued' ELSE 'skipped' END,
          new.skip_reason, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER notice_is_skipped_at_once AFTER INSERT ON notice
  FOR EACH ROW WHEN (new.skip_reason IS NOT NULL) EXECUTE FUNCTION log_skip_of_notice();
CREATE TRIGGER notice_changes_skip AFTER UPDATE OF skip_reason ON notice FOR EACH ROW
  WHEN (new.skip_reason IS DISTINCT FROM old.skip_reason OR new.skipped_at IS DISTINCT FROM old.skipped_at)
  EXECUTE FUNCTION log_skip_of_notice();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_ARGV[0];
END $$;
CREATE TRIGGER status_log_is_not_changed BEFORE UPDATE OR DELETE ON status_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change('the history');
CREATE TRIGGER status_log_is_not_emptied BEFORE TRUNCATE ON status_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the history');
CREATE TRIGGER action_is_not_changed BEFORE UPDATE OR DELETE ON action
  FOR EACH ROW EXECUTE FUNCTION refuse_change('who did what');
CREATE TRIGGER action_is_not_emptied BEFORE TRUNCATE ON action
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('who did what');

CREATE FUNCTION forget_words_of_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM patient_search WHERE clinic_id = old.clinic_id AND patient_id = old.patient_id;
  RETURN NULL;
END $$;
CREATE TRIGGER patient_is_not_found_any_more AFTER DELETE ON patient
  FOR EACH ROW EXECUTE FUNCTION forget_words_of_patient();
