-- What `notify calls` looks through: little of what there is.
CREATE INDEX notice_without_contact ON notice (id) WHERE skip_reason = 'no_contact';
CREATE INDEX appointment_event_takeover ON appointment_event (clinic_id, appointment_id) WHERE kind = 'takeover';
CREATE INDEX delivery_failed ON delivery (notice_id) WHERE status = 'failed';
CREATE INDEX delivery_without_contact ON delivery (notice_id) WHERE reason = 'no_contact';
