-- The first schema. Instants are UTC epoch seconds; the views show them as people read them.
-- imported_...: what was last imported in a place that staff may set too; a cell overwrites only where it differs.
-- cell_times: JSON, the time of the file that last gave each cell (intake/kinds/cell_times.py): an older one brings nothing back.
-- imported_consent is -1 where no file ever said anything of consent and staff have said no: it is not to be assumed.

CREATE TABLE clinic (
  clinic_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  phone TEXT NOT NULL, address TEXT NOT NULL,
  portal_url TEXT NOT NULL, payments_url TEXT NOT NULL,
  timezone TEXT NOT NULL, country TEXT NOT NULL, language TEXT NOT NULL,
  sender_email TEXT NOT NULL, sender_sms TEXT NOT NULL,
  imported_timebook INTEGER, imported_post INTEGER, imported_economy INTEGER,
  cell_times TEXT NOT NULL,
  row_hash INTEGER, import_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE type (
  clinic_id TEXT NOT NULL, type_id TEXT NOT NULL,
  name TEXT NOT NULL, active INTEGER NOT NULL,
  imported_notifications INTEGER,
  cell_times TEXT NOT NULL,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, type_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE switch_turn (
  id INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, scope TEXT NOT NULL CHECK (scope IN ('module', 'type')), name TEXT NOT NULL,
  at INTEGER NOT NULL, is_on INTEGER NOT NULL,
  import_id INTEGER -- NULL: turned by staff
) STRICT;
CREATE INDEX switch_turn_of_switch ON switch_turn (clinic_id, scope, name, at);

CREATE TABLE patient (
  clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,
  given_name TEXT NOT NULL, family_name TEXT NOT NULL,
  email TEXT, mobile TEXT, mobile_gets_sms INTEGER NOT NULL,
  push_token TEXT, push_allowed INTEGER NOT NULL,
  language TEXT, consent INTEGER NOT NULL,
  preferred_method TEXT CHECK (preferred_method IN ('email', 'sms', 'both')),
  last_login_at INTEGER,
  known_since INTEGER NOT NULL,
  imported_email TEXT, imported_mobile TEXT, imported_consent INTEGER, imported_method TEXT,
  cell_times TEXT NOT NULL,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, patient_id)
) STRICT, WITHOUT ROWID;

-- By which words a patient is found (domain/search_words.py); the full-text index on them is made in migrations.py.
CREATE TABLE patient_search (
  id INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,
  words TEXT NOT NULL,
  UNIQUE (clinic_id, patient_id)
) STRICT;

-- Whose words are to be written anew (store/finding.py): patient_ids is a JSON array, patients their number.
CREATE TABLE patient_to_index (
  id INTEGER PRIMARY KEY,
  patients INTEGER NOT NULL, clinic_id TEXT NOT NULL, patient_ids TEXT NOT NULL
) STRICT;

-- type_id: the type that it has now ('': none); before that it had those of appointment_former_type, in order.
-- fresh_at: as fresh as its row was; fresh_import: the import whose newest stamp counts besides (import_stamp).
-- seen_open_at: the last import that saw it open. before_end: its state before it ended (NULL: never seen otherwise).
-- next_check_at: the next moment at which something about the appointment may be due (NULL: never again).
CREATE TABLE appointment (
  clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  type_id TEXT NOT NULL,
  starts_at INTEGER NOT NULL, ends_at INTEGER,
  status TEXT NOT NULL,
  booked_at INTEGER, booked_by TEXT, changed_at INTEGER, cancelled_at INTEGER, cancelled_by TEXT,
  location TEXT NOT NULL, source TEXT NOT NULL,
  no_notices TEXT NOT NULL CHECK (no_notices IN ('', 'reminder', 'all')), -- which its export wants none of
  first_status TEXT NOT NULL,
  fresh_at INTEGER NOT NULL, fresh_import INTEGER NOT NULL,
  seen_open_at INTEGER, before_end TEXT,
  next_check_at INTEGER, waits_for_patient INTEGER NOT NULL DEFAULT 0,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, appointment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_attention ON appointment (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX appointment_of_patient ON appointment (clinic_id, patient_id, starts_at) WHERE status = 'booked';
CREATE INDEX appointment_comes_unbooked ON appointment (clinic_id, patient_id)
  WHERE next_check_at IS NOT NULL AND status <> 'booked';
CREATE INDEX appointment_waits ON appointment (clinic_id, patient_id) WHERE waits_for_patient = 1;

CREATE TABLE appointment_former_type (
  clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL, number INTEGER NOT NULL,
  type_id TEXT NOT NULL, until_at INTEGER NOT NULL,
  import_id INTEGER NOT NULL, -- that gave it the next
  PRIMARY KEY (clinic_id, appointment_id, number)
) STRICT, WITHOUT ROWID;

-- What happened to an appointment, in order, and the import by which it became known. from_...: what it was before,
-- NULL of what first gave it; to_...: what it became; from_patient_id: of a takeover, whose it was.
CREATE TABLE appointment_event (
  clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL, number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('booking', 'migration', 'change', 'cancellation', 'takeover')),
  at INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  from_starts_at INTEGER, from_location TEXT,
  to_starts_at INTEGER, to_location TEXT,
  from_patient_id TEXT,
  PRIMARY KEY (clinic_id, appointment_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE dialog (
  clinic_id TEXT NOT NULL, dialog_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  known_by INTEGER NOT NULL, -- the import that told of it first
  next_check_at INTEGER, waits_for_patient INTEGER NOT NULL DEFAULT 0,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, dialog_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dialog_attention ON dialog (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX dialog_waits ON dialog (clinic_id, patient_id) WHERE waits_for_patient = 1;

-- paid_at: when the bill card was first seen paid (NULL: it never was); paid_by: the import that told of it.
CREATE TABLE receipt (
  clinic_id TEXT NOT NULL, receipt_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  status TEXT NOT NULL,
  paid_at INTEGER, paid_by INTEGER,
  next_check_at INTEGER, waits_for_patient INTEGER NOT NULL DEFAULT 0,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, receipt_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_attention ON receipt (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX receipt_waits ON receipt (clinic_id, patient_id) WHERE waits_for_patient = 1;

CREATE TABLE external (
  clinic_id TEXT NOT NULL, external_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  sender TEXT NOT NULL, event TEXT NOT NULL, channel TEXT NOT NULL,
  sent_at INTEGER NOT NULL, status TEXT NOT NULL,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_sent ON external (sent_at);
CREATE INDEX external_of_patient ON external (clinic_id, patient_id);

-- What a stopped import would cancel or move: what is planned of it waits (SPEC section 3).
CREATE TABLE held (
  clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, appointment_id)
) STRICT, WITHOUT ROWID;

-- One event of one subject. number: the running number of its kind, or the starts_at of a reminder.
-- tenure: how often the appointment had been given to another patient before. channels_given: what preference and
-- contact details gave when its deliveries were made. reopened_at: to be looked at again by the next run (R18).
CREATE TABLE notice (
  id INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,
  subject TEXT NOT NULL, subject_id TEXT NOT NULL,
  event TEXT NOT NULL, number INTEGER NOT NULL, tenure INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL, happened_at INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  skip_reason TEXT, skipped_at INTEGER,
  channels_given TEXT NOT NULL DEFAULT '',
  reopened_at INTEGER,
  facts TEXT, -- JSON: by what it was decided last (domain/grounds.py)
  UNIQUE (clinic_id, subject, subject_id, event, number, tenure)
) STRICT;
CREATE INDEX notice_of_patient ON notice (clinic_id, patient_id);
CREATE INDEX notice_reopened ON notice (clinic_id, subject, subject_id) WHERE reopened_at IS NOT NULL;
CREATE INDEX notice_skipped ON notice (skipped_at) WHERE skip_reason IS NOT NULL;

--            claim             answer      report
--   queued ----------> sending ------> sent ------> delivered
--     ^  ^               |  |  \         |
--     |  +---temporary---+  |   +--> failed <-- a bounce
--     |                     | no answer
--     +----- resend ---- uncertain --> sent, delivered, failed        queued --rule says no--> skipped
-- A report may find what waits to be sent again: then it has arrived, or failed, after all. What is `sending` and had
-- not begun to leave when its run was told to end is queued again as it was before the claim.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  notice_id INTEGER NOT NULL REFERENCES notice (id),
  channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  clinic_id TEXT NOT NULL, due_at INTEGER NOT NULL, -- the notice's, so that the queue has its order from an index
  address TEXT, text TEXT,
  sent_from TEXT, subject_line TEXT, -- as it last left; of an SMS there is no subject, of a push its title
  told_starts_at INTEGER, told_location TEXT, -- what it gave of an appointment (R19)
  status TEXT NOT NULL
    CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'uncertain', 'skipped')),
  reason TEXT, detail TEXT,
  status_at INTEGER NOT NULL, sent_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  first_attempt_at INTEGER, next_attempt_at INTEGER,
  reference TEXT,
  UNIQUE (notice_id, channel)
) STRICT;
CREATE INDEX delivery_queued ON delivery (channel, next_attempt_at, due_at, notice_id, clinic_id)
  WHERE status = 'queued';
CREATE INDEX delivery_queued_of_clinic ON delivery (channel, clinic_id, next_attempt_at, due_at, notice_id)
  WHERE status = 'queued';
-- OR, since SQLite would not see that status = 'sending' is among IN (...).
CREATE INDEX delivery_unsettled ON delivery (status) WHERE status = 'sending' OR status = 'uncertain';
CREATE INDEX delivery_status_at ON delivery (status_at);
CREATE INDEX delivery_reference ON delivery (reference) WHERE reference IS NOT NULL;
CREATE INDEX delivery_sent_sms ON delivery (sent_at) WHERE channel = 'sms' AND status = 'sent';

-- What services said of deliveries that could not be told from others yet, or were just being handed over.
CREATE TABLE unmatched_receipt (
  id INTEGER PRIMARY KEY, received_at INTEGER NOT NULL,
  channel TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('sent', 'delivered', 'failed')),
  ours TEXT, reference TEXT, at INTEGER, reason TEXT, detail TEXT NOT NULL, is_gone INTEGER NOT NULL
) STRICT;

-- Addresses that are no more, as a server or gateway said: not possible until they change or staff set them again.
CREATE TABLE suppressed_address (
  clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  address TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, patient_id, channel)
) STRICT, WITHOUT ROWID;

-- A patient, and of each address that is gone the reason.
CREATE VIEW patient_contact AS
SELECT p.*,
  (SELECT g.reason FROM suppressed_address g WHERE g.clinic_id = p.clinic_id AND g.patient_id = p.patient_id
    AND g.channel = 'email' AND g.address = p.email) AS email_gone,
  (SELECT g.reason FROM suppressed_address g WHERE g.clinic_id = p.clinic_id AND g.patient_id = p.patient_id
    AND g.channel = 'sms' AND g.address = p.mobile) AS mobile_gone,
  (SELECT g.reason FROM suppressed_address g WHERE g.clinic_id = p.clinic_id AND g.patient_id = p.patient_id
    AND g.channel = 'push' AND g.address = p.push_token) AS push_gone
FROM patient p;

-- Every change of status, written by the triggers alone (triggers.sql); nothing overwrites it.
CREATE TABLE status_log (
  id INTEGER PRIMARY KEY,
  notice_id INTEGER NOT NULL, delivery_id INTEGER,
  at INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT, detail TEXT, attempts INTEGER NOT NULL
) STRICT;
CREATE INDEX status_log_of_notice ON status_log (notice_id);

CREATE TABLE import (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, imported_by TEXT NOT NULL,
  file TEXT NOT NULL, -- its name
  path TEXT NOT NULL, sha256 TEXT, kind TEXT,
  clinic TEXT, -- NULL: of several, or not known
  file_at INTEGER, -- the file's time, never later than the import
  rows INTEGER NOT NULL, new INTEGER NOT NULL, changed INTEGER NOT NULL, unchanged INTEGER NOT NULL,
  stale INTEGER NOT NULL, rejected INTEGER NOT NULL, warnings INTEGER NOT NULL,
  error TEXT,
  settled_at INTEGER, -- of one that failed: when its file was imported after all, or staff said that it need not be
  summary TEXT NOT NULL DEFAULT '{}' -- JSON: events, options, problems in groups and the like (intake/importing/summary.py)
) STRICT;
CREATE INDEX import_failed ON import (id) WHERE error IS NOT NULL AND settled_at IS NULL;

-- Rows that were rejected and neither imported since nor settled. import_id and line: of the file in which the row was
-- rejected first, as its file of rejects has them; last_import_id: where it was rejected last. row_id: '' where the
-- row has none that can be read; then content, a hash of its cells, tells it again. file_at: the time of that file.
CREATE TABLE open_reject (
  id INTEGER PRIMARY KEY,
  import_id INTEGER NOT NULL, line INTEGER NOT NULL, last_import_id INTEGER NOT NULL,
  kind TEXT NOT NULL, clinic_id TEXT NOT NULL, row_id TEXT NOT NULL, content TEXT NOT NULL,
  file_at INTEGER NOT NULL
) STRICT;
CREATE INDEX open_reject_row ON open_reject (kind, row_id, clinic_id);
CREATE INDEX open_reject_line ON open_reject (import_id, line);
CREATE INDEX open_reject_last ON open_reject (last_import_id);

-- When a clinic's export of appointments came last, and whether in a file of its own; of '' the last of all.
CREATE TABLE appointments_seen (
  clinic_id TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, is_own INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest stamp among a clinic's rows in a table: none of its rows is less fresh.
CREATE TABLE import_stamp (
  import_id INTEGER NOT NULL, clinic_id TEXT NOT NULL, newest_at INTEGER NOT NULL,
  PRIMARY KEY (import_id, clinic_id)
) STRICT, WITHOUT ROWID;

-- Files whose content was taken as a whole, all kinds of it, or could not be: a folder's are left out the next time.
-- at: by the clock of the files, so that a content that was written again later, over another, is new.
CREATE TABLE file_seen (
  sha256 TEXT NOT NULL PRIMARY KEY, seen_file TEXT NOT NULL CHECK (seen_file IN ('imported', 'failed')), at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A run that had something to do; the last run of all stands in state.
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  due INTEGER NOT NULL, sent INTEGER NOT NULL, skipped INTEGER NOT NULL,
  failed INTEGER NOT NULL, retrying INTEGER NOT NULL, uncertain INTEGER NOT NULL
) STRICT;

CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

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

-- What `notify calls` looks through: little of what there is.
CREATE INDEX notice_without_contact ON notice (id) WHERE skip_reason = 'no_contact';
CREATE INDEX appointment_event_takeover ON appointment_event (clinic_id, appointment_id) WHERE kind = 'takeover';
CREATE INDEX delivery_failed ON delivery (notice_id) WHERE status = 'failed';
CREATE INDEX delivery_without_contact ON delivery (notice_id) WHERE reason = 'no_contact';
