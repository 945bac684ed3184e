-- For people with sqlite3, Datasette and the like: each thing with its times as they are read (UTC).
CREATE VIEW history AS
SELECT n.id AS notice, d.id AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event, n.subject, n.subject_id,
  d.channel, d.address, d.text, coalesce(d.status, 'skipped') AS status,
  CASE WHEN d.id IS NULL THEN n.skip_reason ELSE d.reason END AS reason,
  strftime('%Y-%m-%dT%H:%M:%SZ', n.due_at, 'unixepoch') AS due_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', d.sent_at, 'unixepoch') AS sent_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(d.status_at, n.skipped_at), 'unixepoch') AS status_at,
  coalesce(d.attempts, 0) AS attempts, 'notify' AS sender
FROM notice n LEFT JOIN delivery d ON d.notice_id = n.id
UNION ALL
SELECT NULL, NULL, clinic_id, patient_id, event, NULL, external_id, channel, NULL, NULL, status, NULL, NULL,
  strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch'), 1, sender
FROM external;

CREATE VIEW status_changes AS
SELECT id, notice_id AS notice, delivery_id AS delivery, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at,
  status, reason, detail, attempts
FROM status_log;

CREATE VIEW appointments AS
SELECT clinic_id AS clinic, appointment_id AS appointment, patient_id AS patient,
  nullif(type_id, '') AS type, strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, 'unixepoch') AS starts_at,
  status, location, source, strftime('%Y-%m-%dT%H:%M:%SZ', next_check_at, 'unixepoch') AS looked_at_next
FROM appointment;

CREATE VIEW appointment_events AS
SELECT clinic_id AS clinic, appointment_id AS appointment, number, kind, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at,
  strftime('%Y-%m-%dT%H:%M:%SZ', from_starts_at, 'unixepoch') AS from_starts_at, from_location,
  strftime('%Y-%m-%dT%H:%M:%SZ', to_starts_at, 'unixepoch') AS to_starts_at, to_location,
  from_patient_id AS from_patient, import_id AS import
FROM appointment_event;

CREATE VIEW patients AS
SELECT clinic_id AS clinic, patient_id AS patient, given_name, family_name, email, mobile,
  CASE mobile_gets_sms WHEN 1 THEN 'yes' ELSE 'no' END AS gets_sms,
  CASE consent WHEN 1 THEN 'yes' ELSE 'no' END AS consent, coalesce(preferred_method, 'default') AS method, language,
  strftime('%Y-%m-%dT%H:%M:%SZ', last_login_at, 'unixepoch') AS last_login_at
FROM patient;

CREATE VIEW dialogs AS
SELECT clinic_id AS clinic, dialog_id AS dialog, patient_id AS patient, kind,
  strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch') AS sent_at
FROM dialog;

CREATE VIEW receipts AS
SELECT clinic_id AS clinic, receipt_id AS receipt, patient_id AS patient, status,
  strftime('%Y-%m-%dT%H:%M:%SZ', paid_at, 'unixepoch') AS paid_at
FROM receipt;

CREATE VIEW clinics AS
SELECT clinic_id AS clinic, name, timezone, language, portal_url, sender_email, sender_sms FROM clinic;

CREATE VIEW switches AS
SELECT clinic_id AS clinic, scope, name, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at,
  CASE is_on WHEN 1 THEN 'on' ELSE 'off' END AS turned,
  CASE WHEN import_id IS NULL THEN 'staff' ELSE 'import' END AS turned_by
FROM switch_turn;

CREATE VIEW imports AS
SELECT id, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at, imported_by, file, kind, rows, new, changed, unchanged,
  stale, rejected, warnings, error
FROM import;

CREATE VIEW runs AS
SELECT id, strftime('%Y-%m-%dT%H:%M:%SZ', started_at, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', ended_at, 'unixepoch') AS ended_at, due, sent, skipped, failed, retrying, uncertain
FROM run;

CREATE VIEW suppression_list AS
SELECT clinic_id AS clinic, patient_id AS patient, channel, address, reason,
  strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at
FROM suppressed_address;

CREATE VIEW audit AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at, by_user AS by, did, clinic_id AS clinic,
  patient_id AS patient, detail
FROM action;
