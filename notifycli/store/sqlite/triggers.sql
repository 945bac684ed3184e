-- The history writes itself: every change of status is copied into status_log, which refuses updates and deletes.

CREATE TRIGGER delivery_is_new AFTER INSERT ON delivery BEGIN
  INSERT INTO status_log (notice_id, delivery_id, at, status, reason, detail, attempts)
  VALUES (new.notice_id, new.id, new.status_at, new.status, new.reason, new.detail, new.attempts);
END;
CREATE TRIGGER delivery_changes_status AFTER UPDATE OF status ON delivery BEGIN
  INSERT INTO status_log (notice_id, delivery_id, at, status, reason, detail, attempts)
  VALUES (new.notice_id, new.id, new.status_at, new.status, new.reason, new.detail, new.attempts);
END;
CREATE TRIGGER notice_is_skipped_at_once AFTER INSERT ON notice WHEN new.skip_reason IS NOT NULL BEGIN
  INSERT INTO status_log (notice_id, delivery_id, at, status, reason, attempts)
  VALUES (new.id, NULL, new.skipped_at, 'skipped', new.skip_reason, 0);
END;
CREATE TRIGGER notice_changes_skip AFTER UPDATE OF skip_reason ON notice
WHEN new.skip_reason IS NOT old.skip_reason OR new.skipped_at IS NOT old.skipped_at BEGIN
  INSERT INTO status_log (notice_id, delivery_id, at, status, reason, attempts)
  VALUES (new.id, NULL, new.skipped_at, CASE WHEN new.skip_reason IS NULL THEN 'queued' ELSE 'skipped' END,
          new.skip_reason, 0);
END;
-- FAIL, where ABORT would have every change of a status pay for its undoing; nothing has been written before it.
CREATE TRIGGER status_log_is_not_replaced BEFORE INSERT ON status_log
WHEN EXISTS (SELECT 1 FROM status_log WHERE id = new.id) BEGIN
  SELECT RAISE(FAIL, 'the history is append-only');
END;
CREATE TRIGGER status_log_is_not_changed BEFORE UPDATE ON status_log BEGIN
  SELECT RAISE(ABORT, 'the history is append-only');
END;
CREATE TRIGGER status_log_is_not_deleted BEFORE DELETE ON status_log BEGIN
  SELECT RAISE(ABORT, 'the history is append-only');
END;
CREATE TRIGGER action_is_not_replaced BEFORE INSERT ON action WHEN EXISTS (SELECT 1 FROM action WHERE id = new.id) BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
CREATE TRIGGER action_is_not_changed BEFORE UPDATE ON action BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
CREATE TRIGGER action_is_not_deleted BEFORE DELETE ON action BEGIN
  SELECT RAISE(ABORT, 'who did what is append-only');
END;
CREATE TRIGGER patient_is_not_found_any_more AFTER DELETE ON patient BEGIN
  DELETE FROM patient_search WHERE clinic_id = old.clinic_id AND patient_id = old.patient_id;
END;
