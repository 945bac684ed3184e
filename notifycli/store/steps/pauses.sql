-- From when until when nothing was sent, whatever was due: no run came, or the safety stop held. began_at 0: no run
-- had ever come.
CREATE TABLE pause (
  id INTEGER PRIMARY KEY,
  cause TEXT NOT NULL CHECK (cause IN ('cron_silent', 'safety_stop')),
  began_at INTEGER NOT NULL, ended_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pause_ended ON pause (ended_at);

-- What went out in a day or a month.
CREATE INDEX delivery_sent_at ON delivery (sent_at) WHERE sent_at IS NOT NULL;

CREATE VIEW pauses AS
SELECT id, cause, strftime('%Y-%m-%dT%H:%M:%SZ', began_at, 'unixepoch') AS began_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', ended_at, 'unixepoch') AS ended_at
FROM pause;
