PRAGMA application_id = 1315927161;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'notifycli','first_schema','2026-06-03 10:00:00+00:00');
CREATE TABLE action (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, by_user TEXT NOT NULL, did TEXT NOT NULL,
  about TEXT NOT NULL CHECK (about IN ('module', 'type', 'patient', 'notice', 'import', 'call', 'run')),
  about_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  clinic_id TEXT, patient_id TEXT
) STRICT;
INSERT INTO "action" VALUES(1,1767596400,'root','import','import','1','import 1: clinics.csv','nidelv',NULL);
INSERT INTO "action" VALUES(2,1767596400,'root','import','import','2','import 2: types.csv','nidelv',NULL);
INSERT INTO "action" VALUES(3,1767596400,'root','import','import','3','import 3: patients.csv','nidelv',NULL);
INSERT INTO "action" VALUES(4,1780480800,'root','import','import','4','import 4: booked.csv','nidelv',NULL);
INSERT INTO "action" VALUES(5,1780480860,'root','import','import','5','import 5: many.csv','nidelv',NULL);
INSERT INTO "action" VALUES(6,1780567200,'root','import','import','6','import 6: changed.csv','nidelv',NULL);
INSERT INTO "action" VALUES(7,1780567260,'root','import','import','7','import 7: dialogs.csv','nidelv',NULL);
INSERT INTO "action" VALUES(8,1780567320,'root','import','import','8','import 8: receipts.csv','nidelv',NULL);
INSERT INTO "action" VALUES(9,1780567380,'root','import','import','9','import 9: external.csv','nidelv',NULL);
INSERT INTO "action" VALUES(10,1780570800,'root','module disable','module','post','module post','nidelv',NULL);
INSERT INTO "action" VALUES(11,1780570860,'root','patient set','patient','mobile','mobile set','nidelv','P7');
INSERT INTO "action" VALUES(12,1780650000,'root','import','import','10','import 10: held.csv, not imported','nidelv',NULL);
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
INSERT INTO "appointment" VALUES('nidelv','A1','P1','KONS',1782115200,NULL,'booked',1780480200,NULL,1780566600,NULL,NULL,'Rom 1','local','','booked',1780566600,6,NULL,NULL,1781942400,0,-1074831188672204948,6);
INSERT INTO "appointment" VALUES('nidelv','A2','P2','OFF',1781773200,NULL,'booked',1780480260,NULL,NULL,NULL,NULL,'Rom 1','local','','booked',1780480260,6,NULL,NULL,NULL,0,-1220714249311217361,6);
INSERT INTO "appointment" VALUES('nidelv','A3','P3','KONS',1781776800,NULL,'cancelled',1780480320,NULL,NULL,1780566900,'patient','Rom 2','local','','booked',1780566900,6,NULL,NULL,NULL,0,6836391915784578680,6);
INSERT INTO "appointment" VALUES('nidelv','A4','P6','KONS',1781780400,NULL,'booked',1780480380,NULL,1780566960,NULL,NULL,'Rom 2','local','','booked',1780566960,6,NULL,NULL,1781607600,0,9181968313004020160,6);
INSERT INTO "appointment" VALUES('nidelv','A5','P4','migrated',1781856000,NULL,'booked',NULL,NULL,NULL,NULL,NULL,'','migrated','','booked',1780480800,4,NULL,NULL,NULL,0,-2917814410396322813,4);
INSERT INTO "appointment" VALUES('nidelv','A6','P8','OFF',1781859600,NULL,'booked',1780480440,NULL,NULL,NULL,NULL,'','local','','booked',1780480440,4,NULL,NULL,NULL,0,8147387800768701534,4);
INSERT INTO "appointment" VALUES('nidelv','A7','P9','KONS',1781863200,NULL,'booked',1780480500,NULL,NULL,NULL,NULL,'','local','','booked',1780480500,4,NULL,NULL,0,1,NULL,4);
INSERT INTO "appointment" VALUES('nidelv','A8','P2','KONS',1780642800,NULL,'booked',1780480560,NULL,NULL,NULL,NULL,'Rom 1','local','','booked',1780480560,4,NULL,NULL,NULL,0,-8882776135532588890,4);
INSERT INTO "appointment" VALUES('nidelv','M1','P2','KONS',1782889200,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1782716400,0,-1952663176735651907,5);
INSERT INTO "appointment" VALUES('nidelv','M10','P2','KONS',1783666800,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783494000,0,3910246147430138001,5);
INSERT INTO "appointment" VALUES('nidelv','M11','P2','KONS',1783753200,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783580400,0,6532470707680650570,5);
INSERT INTO "appointment" VALUES('nidelv','M12','P2','KONS',1783839600,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783666800,0,1214012406961523980,5);
INSERT INTO "appointment" VALUES('nidelv','M13','P2','KONS',1783926000,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783753200,0,6448752741920225906,5);
INSERT INTO "appointment" VALUES('nidelv','M14','P2','KONS',1784012400,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783839600,0,-2650588654378543508,5);
INSERT INTO "appointment" VALUES('nidelv','M15','P2','KONS',1784098800,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783926000,0,1598316318685843537,5);
INSERT INTO "appointment" VALUES('nidelv','M16','P2','KONS',1784185200,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784012400,0,4734173723161512844,5);
INSERT INTO "appointment" VALUES('nidelv','M17','P2','KONS',1784271600,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784098800,0,-9028288874575020502,5);
INSERT INTO "appointment" VALUES('nidelv','M18','P2','KONS',1784358000,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784185200,0,7236529008177664148,5);
INSERT INTO "appointment" VALUES('nidelv','M19','P2','KONS',1784444400,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784271600,0,-8445061467830756876,5);
INSERT INTO "appointment" VALUES('nidelv','M2','P2','KONS',1782975600,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1782802800,0,-5059727430272227367,5);
INSERT INTO "appointment" VALUES('nidelv','M20','P2','KONS',1784530800,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784358000,0,746047694994755428,5);
INSERT INTO "appointment" VALUES('nidelv','M21','P2','KONS',1784617200,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784444400,0,-7427164726674943484,5);
INSERT INTO "appointment" VALUES('nidelv','M22','P2','KONS',1784703600,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784530800,0,-9177716939303691868,5);
INSERT INTO "appointment" VALUES('nidelv','M23','P2','KONS',1784790000,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784617200,0,-5010447455107055114,5);
INSERT INTO "appointment" VALUES('nidelv','M24','P2','KONS',1784876400,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1784703600,0,-4020656227784240676,5);
INSERT INTO "appointment" VALUES('nidelv','M3','P2','KONS',1783062000,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1782889200,0,-2971236893825624774,5);
INSERT INTO "appointment" VALUES('nidelv','M4','P2','KONS',1783148400,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1782975600,0,-3449205090209531768,5);
INSERT INTO "appointment" VALUES('nidelv','M5','P2','KONS',1783234800,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783062000,0,5241003393245591909,5);
INSERT INTO "appointment" VALUES('nidelv','M6','P2','KONS',1783321200,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783148400,0,8378318759060556328,5);
INSERT INTO "appointment" VALUES('nidelv','M7','P2','KONS',1783407600,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783234800,0,-5536301990790303080,5);
INSERT INTO "appointment" VALUES('nidelv','M8','P2','KONS',1783494000,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783321200,0,-7114878533122524173,5);
INSERT INTO "appointment" VALUES('nidelv','M9','P2','KONS',1783580400,NULL,'booked',1777615200,NULL,NULL,NULL,NULL,'','local','','booked',1777615200,5,NULL,NULL,1783407600,0,6993242438074985224,5);
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
INSERT INTO "appointment_event" VALUES('nidelv','A1',0,'booking',1780480200,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A1',1,'change',1780566600,6,1781769600,'Rom 1',1782115200,'Rom 1',NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A2',0,'booking',1780480260,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A3',0,'booking',1780480320,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A3',1,'cancellation',1780566900,6,1781776800,'Rom 2',1781776800,'Rom 2',NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A4',0,'booking',1780480380,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A4',1,'takeover',1780566960,6,1781780400,'Rom 2',NULL,NULL,'P7');
INSERT INTO "appointment_event" VALUES('nidelv','A4',2,'booking',1780566960,6,1781780400,'Rom 2',NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A5',0,'migration',1780480800,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A6',0,'booking',1780480440,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A7',0,'booking',1780480500,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','A8',0,'booking',1780480560,4,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M1',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M10',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M11',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M12',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M13',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M14',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M15',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M16',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M17',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M18',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M19',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M2',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M20',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M21',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M22',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M23',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M24',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M3',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M4',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M5',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M6',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M7',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M8',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "appointment_event" VALUES('nidelv','M9',0,'booking',1777615200,5,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE appointment_former_type (
  clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL, number INTEGER NOT NULL,
  type_id TEXT NOT NULL, until_at INTEGER NOT NULL,
  import_id INTEGER NOT NULL, -- that gave it the next
  PRIMARY KEY (clinic_id, appointment_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "appointment_former_type" VALUES('nidelv','A2',0,'KONS',1780567200,6);
CREATE TABLE appointments_seen (
  clinic_id TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, is_own INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "appointments_seen" VALUES('',1780567200,1);
INSERT INTO "appointments_seen" VALUES('nidelv',1780567200,1);
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
INSERT INTO "clinic" VALUES('nidelv','Nidelv legesenter','','Storgata 1','https://nidelv.example/portal','','Europe/Oslo','NO','nb','post@nidelv.example','Nidelv',1,1,1,'{"gkoprtuvwx": 1767596400}',7050972306188768699,1);
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
INSERT INTO "delivery" VALUES(1,1,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: onsdag 1. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1782889200,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-1');
INSERT INTO "delivery" VALUES(2,2,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: fredag 10. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783666800,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-2');
INSERT INTO "delivery" VALUES(3,3,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: lørdag 11. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783753200,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-3');
INSERT INTO "delivery" VALUES(4,4,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: søndag 12. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783839600,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-4');
INSERT INTO "delivery" VALUES(5,5,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: mandag 13. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783926000,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-5');
INSERT INTO "delivery" VALUES(6,6,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: tirsdag 14. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784012400,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-6');
INSERT INTO "delivery" VALUES(7,7,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: onsdag 15. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784098800,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-7');
INSERT INTO "delivery" VALUES(8,8,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: torsdag 16. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784185200,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-8');
INSERT INTO "delivery" VALUES(9,9,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: fredag 17. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784271600,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-9');
INSERT INTO "delivery" VALUES(10,10,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: lørdag 18. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784358000,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-10');
INSERT INTO "delivery" VALUES(11,11,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: søndag 19. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784444400,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-11');
INSERT INTO "delivery" VALUES(12,12,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: torsdag 2. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1782975600,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-12');
INSERT INTO "delivery" VALUES(13,13,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: mandag 20. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784530800,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-13');
INSERT INTO "delivery" VALUES(14,14,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: tirsdag 21. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784617200,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-14');
INSERT INTO "delivery" VALUES(15,15,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: onsdag 22. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784703600,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-15');
INSERT INTO "delivery" VALUES(16,16,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: torsdag 23. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784790000,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-16');
INSERT INTO "delivery" VALUES(17,17,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: fredag 24. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1784876400,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-17');
INSERT INTO "delivery" VALUES(18,18,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: fredag 3. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783062000,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-18');
INSERT INTO "delivery" VALUES(19,19,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: lørdag 4. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783148400,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-19');
INSERT INTO "delivery" VALUES(20,20,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: søndag 5. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783234800,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-20');
INSERT INTO "delivery" VALUES(21,21,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: mandag 6. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783321200,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-21');
INSERT INTO "delivery" VALUES(22,22,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: tirsdag 7. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783407600,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-22');
INSERT INTO "delivery" VALUES(23,23,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: onsdag 8. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783494000,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-23');
INSERT INTO "delivery" VALUES(24,24,'email','nidelv',1777615500,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: torsdag 9. juli 2026 kl. 09.00

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1783580400,'','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-24');
INSERT INTO "delivery" VALUES(25,25,'email','nidelv',1780480500,'kari@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: torsdag 18. juni 2026 kl. 10.00
Sted: Rom 1

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1781769600,'Rom 1','delivered',NULL,'',1780653600,1780480920,1,1780480920,NULL,'delivery-25');
INSERT INTO "delivery" VALUES(26,26,'email','nidelv',1780480560,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: torsdag 18. juni 2026 kl. 11.00
Sted: Rom 1

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1781773200,'Rom 1','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-26');
INSERT INTO "delivery" VALUES(27,27,'sms','nidelv',1780480620,'+4791000003','Du har fått time hos Nidelv legesenter torsdag 18. juni kl. 12.00.
Sted: Rom 2
Se timen: https://nidelv.example/portal','Nidelv',NULL,1781776800,'Rom 2','sent',NULL,'written to /var/lib/notifycli/outbox',1780480920,1780480920,1,1780480920,NULL,'1');
INSERT INTO "delivery" VALUES(28,29,'email','nidelv',1780480860,'ola@post.example','Hei!

Du har fått time hos Nidelv legesenter.

Tid: fredag 5. juni 2026 kl. 09.00
Sted: Rom 1

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Bekreftelse på time hos Nidelv legesenter',1780642800,'Rom 1','sent',NULL,'written to /var/lib/notifycli/outbox/email',1780480920,1780480920,1,1780480920,NULL,'delivery-28');
INSERT INTO "delivery" VALUES(29,30,'email','nidelv',1780566900,'kari@post.example','Hei!

Timen din hos Nidelv legesenter er flyttet fra torsdag 18. juni 2026 kl. 10.00. Dette gjelder nå:

Tid: mandag 22. juni 2026 kl. 10.00
Sted: Rom 1

Logg inn med BankID, Buypass ID eller mobil for å se timen:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Timen din hos Nidelv legesenter er endret',1782115200,'Rom 1','failed','unknown_mailbox','550 5.1.1 unknown',1780653600,1780567440,1,1780567440,NULL,'delivery-29');
INSERT INTO "delivery" VALUES(30,31,'email','nidelv',1780567080,'per@post.example','Hei!

Du har fått en kvittering fra Nidelv legesenter.

Logg inn med BankID, Buypass ID eller mobil for å se den:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Kvittering fra Nidelv legesenter',NULL,NULL,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1780567440,1780567440,1,1780567440,NULL,'delivery-30');
INSERT INTO "delivery" VALUES(31,31,'sms','nidelv',1780567080,'+4791000004','Du har fått en kvittering fra Nidelv legesenter.
Logg inn for å se den: https://nidelv.example/portal','Nidelv',NULL,NULL,NULL,'sent',NULL,'written to /var/lib/notifycli/outbox',1780567440,1780567440,1,1780567440,NULL,'2');
INSERT INTO "delivery" VALUES(32,32,'email','nidelv',1780567140,'liv@post.example','Hei!

Du har fått en ny melding fra Nidelv legesenter.

Logg inn med BankID, Buypass ID eller mobil for å lese den:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Ny melding fra Nidelv legesenter',NULL,NULL,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1780567440,1780567440,1,1780567440,NULL,'delivery-32');
INSERT INTO "delivery" VALUES(33,32,'push','nidelv',1780567140,'token-liv','Du har fått en ny melding. Logg inn for å lese den.','Nidelv legesenter','Nidelv legesenter',NULL,NULL,'sent',NULL,'written to /var/lib/notifycli/outbox',1780567440,1780567440,1,1780567440,NULL,'1');
INSERT INTO "delivery" VALUES(34,33,'email','nidelv',1780567140,'kari@post.example','Hei!

Du har fått svar fra Nidelv legesenter.

Logg inn med BankID, Buypass ID eller mobil for å lese svaret:
https://nidelv.example/portal

Vennlig hilsen
Nidelv legesenter

E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.
','Nidelv legesenter <post@nidelv.example>','Svar fra Nidelv legesenter',NULL,NULL,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1780567440,1780567440,1,1780567440,NULL,'delivery-34');
INSERT INTO "delivery" VALUES(35,34,'sms','nidelv',1780567200,'+4791000003','Du har avbestilt timen din hos Nidelv legesenter torsdag 18. juni kl. 12.00.
Sted: Rom 2
Se timene dine: https://nidelv.example/portal','Nidelv',NULL,1781776800,'Rom 2','sent',NULL,'written to /var/lib/notifycli/outbox',1780567440,1780567440,1,1780567440,NULL,'3');
INSERT INTO "delivery" VALUES(36,35,'sms','nidelv',1780567260,'+4791000006','Du har fått time hos Nidelv legesenter torsdag 18. juni kl. 13.00.
Sted: Rom 2
Se timen: https://nidelv.example/portal','Nidelv',NULL,1781780400,'Rom 2','sent',NULL,'written to /var/lib/notifycli/outbox',1780567440,1780567440,1,1780567440,NULL,'4');
INSERT INTO "delivery" VALUES(37,30,'sms','nidelv',1780566900,NULL,NULL,NULL,NULL,NULL,NULL,'queued',NULL,NULL,1780653600,NULL,0,NULL,1780653600,NULL);
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
INSERT INTO "dialog" VALUES('nidelv','D1','P5','dialog',1780567140,7,NULL,0,-6487235504624210067,7);
INSERT INTO "dialog" VALUES('nidelv','D2','P1','invoice',1780567140,7,NULL,0,-1080682415826358604,7);
CREATE TABLE external (
  clinic_id TEXT NOT NULL, external_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  sender TEXT NOT NULL, event TEXT NOT NULL, channel TEXT NOT NULL,
  sent_at INTEGER NOT NULL, status TEXT NOT NULL,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, external_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "external" VALUES('nidelv','E1','P1','helsenorge','reminder','sms',1780552800,'sent',-3859961591721460351,9);
CREATE TABLE file_seen (
  sha256 TEXT NOT NULL PRIMARY KEY, seen_file TEXT NOT NULL CHECK (seen_file IN ('imported', 'failed')), at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "file_seen" VALUES('041a826eb66e586bd8beb0eba81972bba44aa0cf96eee2cd04e55b46a46627da','imported',1795951340);
INSERT INTO "file_seen" VALUES('0d6f77d2a59c978e3daf6a901e1f7a49e59ac42385bdadb3b710ac798548b833','imported',1795951339);
INSERT INTO "file_seen" VALUES('2edd649c52417ba01f5a9fdd7d4b3f7d395e216c2b150d9079385baf2911eb90','imported',1795951340);
INSERT INTO "file_seen" VALUES('69a833b14075e76cffc5a20a2f7de43c93bea513bec5920be706e5aea48f99e5','imported',1795951339);
INSERT INTO "file_seen" VALUES('84cd543c3b39df471833a4f7d0a95d32d797a599d02b27644fd7ea19f4ccb51a','imported',1795951339);
INSERT INTO "file_seen" VALUES('a9ccab3397dd57c71039c740bbeb326cd0c5cdbac5c438e998a091dfb80de5cf','imported',1795951340);
INSERT INTO "file_seen" VALUES('bfc87881994179f0507656e80eaaef6cd32ddc9a3faed32e611c5b97bfa71cd6','imported',1795951340);
INSERT INTO "file_seen" VALUES('e76e89f4e0b9fd69ce86d77853869a7524740b33efddd7e9547b411f85020068','imported',1795951340);
INSERT INTO "file_seen" VALUES('e8432745292db6fe2b6976c06b1c1022319d37d87189c4ede8343c287406e3e1','failed',1795951340);
INSERT INTO "file_seen" VALUES('f5fe93f11baf330dd15c7fccfa7bad5313e7481b9d6be75e55a7c78fa7fad987','imported',1795951340);
CREATE TABLE held (
  clinic_id TEXT NOT NULL, appointment_id TEXT NOT NULL, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, appointment_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "held" VALUES('nidelv','M1',10);
INSERT INTO "held" VALUES('nidelv','M10',10);
INSERT INTO "held" VALUES('nidelv','M11',10);
INSERT INTO "held" VALUES('nidelv','M12',10);
INSERT INTO "held" VALUES('nidelv','M13',10);
INSERT INTO "held" VALUES('nidelv','M14',10);
INSERT INTO "held" VALUES('nidelv','M15',10);
INSERT INTO "held" VALUES('nidelv','M16',10);
INSERT INTO "held" VALUES('nidelv','M17',10);
INSERT INTO "held" VALUES('nidelv','M18',10);
INSERT INTO "held" VALUES('nidelv','M19',10);
INSERT INTO "held" VALUES('nidelv','M2',10);
INSERT INTO "held" VALUES('nidelv','M20',10);
INSERT INTO "held" VALUES('nidelv','M21',10);
INSERT INTO "held" VALUES('nidelv','M22',10);
INSERT INTO "held" VALUES('nidelv','M23',10);
INSERT INTO "held" VALUES('nidelv','M24',10);
INSERT INTO "held" VALUES('nidelv','M3',10);
INSERT INTO "held" VALUES('nidelv','M4',10);
INSERT INTO "held" VALUES('nidelv','M5',10);
INSERT INTO "held" VALUES('nidelv','M6',10);
INSERT INTO "held" VALUES('nidelv','M7',10);
INSERT INTO "held" VALUES('nidelv','M8',10);
INSERT INTO "held" VALUES('nidelv','M9',10);
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
INSERT INTO "import" VALUES(1,1767596400,'notify','clinics.csv','/var/lib/notifycli/clinics.csv','0d6f77d2a59c978e3daf6a901e1f7a49e59ac42385bdadb3b710ac798548b833','clinics','nidelv',1767596400,1,1,0,0,0,0,0,NULL,NULL,'{"options": {}, "encoding": "utf-8", "events": {}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(2,1767596400,'notify','types.csv','/var/lib/notifycli/types.csv','84cd543c3b39df471833a4f7d0a95d32d797a599d02b27644fd7ea19f4ccb51a','types','nidelv',1767596400,3,3,0,0,0,0,0,NULL,NULL,'{"options": {}, "encoding": "utf-8", "events": {}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(3,1767596400,'notify','patients.csv','/var/lib/notifycli/patients.csv','69a833b14075e76cffc5a20a2f7de43c93bea513bec5920be706e5aea48f99e5','patients','nidelv',1767596400,8,8,0,0,0,0,0,NULL,NULL,'{"options": {}, "encoding": "utf-8", "events": {}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(4,1780480800,'notify','booked.csv','/var/lib/notifycli/booked.csv','7c135c9d9af17b3abe1f819f28b17d475b36609d10a0c741225e3d07f725181f','appointments','nidelv',1780480800,9,8,0,0,0,1,2,NULL,NULL,'{"options": {"clinic": "nidelv"}, "encoding": "utf-8", "events": {"booking": 7}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [{"what": "rejected", "column": "starts_at", "text": "is not a date with a time", "count": 1, "first": 10, "unit": "line"}, {"what": "warning", "column": "patient_id", "text": "is no patient that is known yet; notices wait", "count": 1, "first": 8, "unit": "line"}, {"what": "warning", "column": null, "text": "2 patients with a booked appointment or a dialog cannot be reached by any notice (1 without consent, 1 without an e-mail address or a mobile number); see: notify check", "count": 1, "first": null, "unit": "line"}], "stops": [], "ignored_columns": [], "rejects_files": ["booked.csv.rejects.csv"]}');
INSERT INTO "import" VALUES(5,1780480860,'notify','many.csv','/var/lib/notifycli/many.csv','decf1720468142d28de569b208107b3a44ba856bc5d7b13c45bd2dbadb28008e','appointments','nidelv',1780480860,24,24,0,0,0,0,0,NULL,NULL,'{"options": {"clinic": "nidelv"}, "encoding": "utf-8", "events": {"booking": 24}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(6,1780567200,'notify','changed.csv','/var/lib/notifycli/changed.csv','769ff643d6cddd56aceec5e4de7791e27438c4f57823f877032c92df71dc8fa6','appointments','nidelv',1780567200,4,0,4,0,0,0,1,NULL,NULL,'{"options": {"clinic": "nidelv"}, "encoding": "utf-8", "events": {"booking": 1, "change": 1, "cancellation": 1}, "moved": 1, "missing": null, "missing_cancelled": 0, "problems": [{"what": "warning", "column": "patient_id", "text": "appointment A4 was P7''s and is P6''s now", "count": 1, "first": 5, "unit": "line"}], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(7,1780567260,'notify','dialogs.csv','/var/lib/notifycli/dialogs.csv','b9f9de552dc10f7eeea2a4194cdb2576ffa92dd512bc26ffd0a79378f65850b3','dialogs','nidelv',1780567260,2,2,0,0,0,0,0,NULL,NULL,'{"options": {"clinic": "nidelv"}, "encoding": "utf-8", "events": {"dialog": 1, "reply": 1}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(8,1780567320,'notify','receipts.csv','/var/lib/notifycli/receipts.csv','719fd3949be26abe0f6f8aca555695dd2d5b51fcab53c9ff1990454e01a72085','receipts','nidelv',1780567320,2,2,0,0,0,0,0,NULL,NULL,'{"options": {"clinic": "nidelv"}, "encoding": "utf-8", "events": {"receipt": 1}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(9,1780567380,'notify','external.csv','/var/lib/notifycli/external.csv','d61c4a8e000fdf6f5477500e73c119a3262724b075e82472ae1f3e0ab55554c1','external','nidelv',1780567380,1,1,0,0,0,0,0,NULL,NULL,'{"options": {"clinic": "nidelv"}, "encoding": "utf-8", "events": {}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [], "ignored_columns": [], "rejects_files": []}');
INSERT INTO "import" VALUES(10,1780650000,'notify','held.csv','/var/lib/notifycli/held.csv','c10d66959321d48d1b8d38dba2c4f6e2222f53bd3eeef5c87881d097a36c69b1','appointments','nidelv',NULL,0,0,0,0,0,0,0,'stopped: it would cancel, move or book too many appointments',NULL,'{"options": {"clinic": "nidelv"}, "encoding": null, "events": {}, "moved": 0, "missing": null, "missing_cancelled": 0, "problems": [], "stops": [{"clinic": "nidelv", "cancelled": 24, "moved": 0, "missing": 0, "future": 30, "booked": 0}], "ignored_columns": [], "rejects_files": []}');
CREATE TABLE import_stamp (
  import_id INTEGER NOT NULL, clinic_id TEXT NOT NULL, newest_at INTEGER NOT NULL,
  PRIMARY KEY (import_id, clinic_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "import_stamp" VALUES(4,'nidelv',1780480560);
INSERT INTO "import_stamp" VALUES(5,'nidelv',1777615200);
INSERT INTO "import_stamp" VALUES(6,'nidelv',1780566960);
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
INSERT INTO "notice" VALUES(1,'nidelv','P2','appointment','M1','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1782889200,"status":"booked"}');
INSERT INTO "notice" VALUES(2,'nidelv','P2','appointment','M10','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783666800,"status":"booked"}');
INSERT INTO "notice" VALUES(3,'nidelv','P2','appointment','M11','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783753200,"status":"booked"}');
INSERT INTO "notice" VALUES(4,'nidelv','P2','appointment','M12','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783839600,"status":"booked"}');
INSERT INTO "notice" VALUES(5,'nidelv','P2','appointment','M13','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783926000,"status":"booked"}');
INSERT INTO "notice" VALUES(6,'nidelv','P2','appointment','M14','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784012400,"status":"booked"}');
INSERT INTO "notice" VALUES(7,'nidelv','P2','appointment','M15','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784098800,"status":"booked"}');
INSERT INTO "notice" VALUES(8,'nidelv','P2','appointment','M16','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784185200,"status":"booked"}');
INSERT INTO "notice" VALUES(9,'nidelv','P2','appointment','M17','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784271600,"status":"booked"}');
INSERT INTO "notice" VALUES(10,'nidelv','P2','appointment','M18','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784358000,"status":"booked"}');
INSERT INTO "notice" VALUES(11,'nidelv','P2','appointment','M19','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784444400,"status":"booked"}');
INSERT INTO "notice" VALUES(12,'nidelv','P2','appointment','M2','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1782975600,"status":"booked"}');
INSERT INTO "notice" VALUES(13,'nidelv','P2','appointment','M20','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784530800,"status":"booked"}');
INSERT INTO "notice" VALUES(14,'nidelv','P2','appointment','M21','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784617200,"status":"booked"}');
INSERT INTO "notice" VALUES(15,'nidelv','P2','appointment','M22','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784703600,"status":"booked"}');
INSERT INTO "notice" VALUES(16,'nidelv','P2','appointment','M23','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784790000,"status":"booked"}');
INSERT INTO "notice" VALUES(17,'nidelv','P2','appointment','M24','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1784876400,"status":"booked"}');
INSERT INTO "notice" VALUES(18,'nidelv','P2','appointment','M3','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783062000,"status":"booked"}');
INSERT INTO "notice" VALUES(19,'nidelv','P2','appointment','M4','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783148400,"status":"booked"}');
INSERT INTO "notice" VALUES(20,'nidelv','P2','appointment','M5','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783234800,"status":"booked"}');
INSERT INTO "notice" VALUES(21,'nidelv','P2','appointment','M6','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783321200,"status":"booked"}');
INSERT INTO "notice" VALUES(22,'nidelv','P2','appointment','M7','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783407600,"status":"booked"}');
INSERT INTO "notice" VALUES(23,'nidelv','P2','appointment','M8','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783494000,"status":"booked"}');
INSERT INTO "notice" VALUES(24,'nidelv','P2','appointment','M9','confirmation',1,0,1777615500,1777615200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1777615200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1783580400,"status":"booked"}');
INSERT INTO "notice" VALUES(25,'nidelv','P1','appointment','A1','confirmation',1,0,1780480500,1780480200,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1780480200,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":null,"possible":["email","sms"],"starts_at":1781769600,"status":"booked"}');
INSERT INTO "notice" VALUES(26,'nidelv','P2','appointment','A2','confirmation',1,0,1780480560,1780480260,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1780480260,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1781773200,"status":"booked"}');
INSERT INTO "notice" VALUES(27,'nidelv','P3','appointment','A3','confirmation',1,0,1780480620,1780480320,1780480920,NULL,NULL,'sms',NULL,'{"looked_at":1780480920,"happened_at":1780480320,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"sms","possible":["email","sms"],"starts_at":1781776800,"status":"booked"}');
INSERT INTO "notice" VALUES(28,'nidelv','P7','appointment','A4','confirmation',1,0,1780480680,1780480380,1780480920,'no_contact',1780480920,'',NULL,'{"looked_at":1780480920,"happened_at":1780480380,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":null,"possible":[],"email_lacks":"none","sms_lacks":"none","starts_at":1781780400,"status":"booked"}');
INSERT INTO "notice" VALUES(29,'nidelv','P2','appointment','A8','confirmation',1,0,1780480860,1780480560,1780480920,NULL,NULL,'email',NULL,'{"looked_at":1780480920,"happened_at":1780480560,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"email","possible":["email","sms"],"starts_at":1780642800,"status":"booked"}');
INSERT INTO "notice" VALUES(30,'nidelv','P1','appointment','A1','change',1,0,1780566900,1780566600,1780567440,NULL,NULL,'sms',NULL,'{"looked_at":1780567440,"happened_at":1780566600,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":null,"possible":["email","sms"],"starts_at":1782115200,"status":"booked"}');
INSERT INTO "notice" VALUES(31,'nidelv','P4','receipt','R1','receipt',1,0,1780567080,1780567080,1780567440,NULL,NULL,'email,sms',NULL,'{"looked_at":1780567440,"happened_at":1780567080,"module":"economy","module_on_since":1767596400,"consent":true,"method":"both","possible":["email","sms"]}');
INSERT INTO "notice" VALUES(32,'nidelv','P5','dialog','D1','dialog',1,0,1780567140,1780567140,1780567440,NULL,NULL,'email,push',NULL,'{"looked_at":1780567440,"happened_at":1780567140,"module":"post","module_on_since":1767596400,"consent":true,"method":null,"possible":["email","push","sms"]}');
INSERT INTO "notice" VALUES(33,'nidelv','P1','dialog','D2','reply',1,0,1780567140,1780567140,1780567440,NULL,NULL,'email',NULL,'{"looked_at":1780567440,"happened_at":1780567140,"module":"post","module_on_since":1767596400,"consent":true,"method":null,"possible":["email","sms"]}');
INSERT INTO "notice" VALUES(34,'nidelv','P3','appointment','A3','cancellation',1,0,1780567200,1780566900,1780567440,NULL,NULL,'sms',NULL,'{"looked_at":1780567440,"happened_at":1780566900,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":"sms","possible":["email","sms"],"starts_at":1781776800,"status":"cancelled"}');
INSERT INTO "notice" VALUES(35,'nidelv','P6','appointment','A4','confirmation',2,1,1780567260,1780566960,1780567440,NULL,NULL,'sms',NULL,'{"looked_at":1780567440,"happened_at":1780566960,"module":"timebook","module_on_since":1767596400,"type":"KONS","type_on_since":1767596400,"consent":true,"method":null,"possible":["sms"],"email_lacks":"none","starts_at":1781780400,"status":"booked"}');
CREATE TABLE open_reject (
  id INTEGER PRIMARY KEY,
  import_id INTEGER NOT NULL, line INTEGER NOT NULL, last_import_id INTEGER NOT NULL,
  kind TEXT NOT NULL, clinic_id TEXT NOT NULL, row_id TEXT NOT NULL, content TEXT NOT NULL,
  file_at INTEGER NOT NULL
) STRICT;
INSERT INTO "open_reject" VALUES(1,4,10,4,'appointments','nidelv','A9','',1780480800);
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
INSERT INTO "patient" VALUES('nidelv','P1','Kari','Ødegård','kari@post.example','+4791000001',1,NULL,0,NULL,1,NULL,NULL,1767596400,'kari@post.example','+4791000001',1,NULL,'{"abcdefhi": 1767596400}',4410200763341525373,3);
INSERT INTO "patient" VALUES('nidelv','P2','Ola','Lunde','ola@post.example','+4791000002',1,NULL,0,NULL,1,'email',NULL,1767596400,'ola@post.example','+4791000002',1,'email','{"abcdefhi": 1767596400}',-8038292540482305409,3);
INSERT INTO "patient" VALUES('nidelv','P3','Åse','Næss','ase@post.example','+4791000003',1,NULL,0,NULL,1,'sms',NULL,1767596400,'ase@post.example','+4791000003',1,'sms','{"abcdefhi": 1767596400}',8879049283065411053,3);
INSERT INTO "patient" VALUES('nidelv','P4','Per','Hansen','per@post.example','+4791000004',1,NULL,0,NULL,1,'both',NULL,1767596400,'per@post.example','+4791000004',1,'both','{"abcdefhi": 1767596400}',5795999596504832008,3);
INSERT INTO "patient" VALUES('nidelv','P5','Liv','Sørgård','liv@post.example','+4791000005',1,'token-liv',1,NULL,1,NULL,NULL,1767596400,'liv@post.example','+4791000005',1,NULL,'{"abcdefhi": 1767596400}',-4223323951892692683,3);
INSERT INTO "patient" VALUES('nidelv','P6','Jon','Bråten',NULL,'+4791000006',1,NULL,0,NULL,1,NULL,NULL,1767596400,NULL,'+4791000006',1,NULL,'{"abcdefhi": 1767596400}',7533235310258387335,3);
INSERT INTO "patient" VALUES('nidelv','P7','Siv','Moen',NULL,'+4791000007',1,NULL,0,NULL,1,NULL,NULL,1767596400,NULL,NULL,1,NULL,'{"abcdefhi": 1767596400}',4453244161824749498,3);
INSERT INTO "patient" VALUES('nidelv','P8','Eva','Vik','eva@post.example','+4791000008',1,NULL,0,NULL,0,NULL,NULL,1767596400,'eva@post.example','+4791000008',0,NULL,'{"abcdefhi": 1767596400}',2755038429843261468,3);
CREATE TABLE patient_search (
  id INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,
  words TEXT NOT NULL,
  UNIQUE (clinic_id, patient_id)
) STRICT;
INSERT INTO "patient_search" VALUES(1,'nidelv','P1','kari odegard #p1 @kari@post.example +1000001974');
INSERT INTO "patient_search" VALUES(2,'nidelv','P2','ola lunde #p2 @ola@post.example +2000001974');
INSERT INTO "patient_search" VALUES(3,'nidelv','P3','ase nass #p3 @ase@post.example +3000001974');
INSERT INTO "patient_search" VALUES(4,'nidelv','P4','per hansen #p4 @per@post.example +4000001974');
INSERT INTO "patient_search" VALUES(5,'nidelv','P5','liv sorgard #p5 @liv@post.example +5000001974');
INSERT INTO "patient_search" VALUES(6,'nidelv','P6','jon braten #p6 +6000001974');
INSERT INTO "patient_search" VALUES(7,'nidelv','P7','siv mon #p7');
INSERT INTO "patient_search" VALUES(8,'nidelv','P8','eva vik #p8 @eva@post.example +8000001974');
CREATE VIRTUAL TABLE "patient_search_fts" USING FTS5 (
    "words",
    tokenize='ascii tokenchars ''+#@._-''',
    content="patient_search"
);
INSERT INTO patient_search_fts (patient_search_fts) VALUES ('rebuild');
CREATE TABLE patient_to_index (
  id INTEGER PRIMARY KEY,
  patients INTEGER NOT NULL, clinic_id TEXT NOT NULL, patient_ids TEXT NOT NULL
) STRICT;
INSERT INTO "patient_to_index" VALUES(1,1,'nidelv','["P7"]');
CREATE TABLE receipt (
  clinic_id TEXT NOT NULL, receipt_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  status TEXT NOT NULL,
  paid_at INTEGER, paid_by INTEGER,
  next_check_at INTEGER, waits_for_patient INTEGER NOT NULL DEFAULT 0,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, receipt_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "receipt" VALUES('nidelv','R1','P4','paid',1780567080,8,NULL,0,-189302994482520768,8);
INSERT INTO "receipt" VALUES('nidelv','R2','P4','unpaid',NULL,NULL,NULL,0,-5295336774960057447,8);
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  due INTEGER NOT NULL, sent INTEGER NOT NULL, skipped INTEGER NOT NULL,
  failed INTEGER NOT NULL, retrying INTEGER NOT NULL, uncertain INTEGER NOT NULL
) STRICT;
INSERT INTO "run" VALUES(1,1780480920,1780480920,29,28,1,0,0,0);
INSERT INTO "run" VALUES(2,1780567440,1780567440,6,8,0,0,0,0);
CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "state" VALUES('database_id','"0123456789ab"');
INSERT INTO "state" VALUES('last_run_at','1780567680');
CREATE TABLE status_log (
  id INTEGER PRIMARY KEY,
  notice_id INTEGER NOT NULL, delivery_id INTEGER,
  at INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT, detail TEXT, attempts INTEGER NOT NULL
) STRICT;
INSERT INTO "status_log" VALUES(1,1,1,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(2,2,2,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(3,3,3,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(4,4,4,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(5,5,5,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(6,6,6,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(7,7,7,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(8,8,8,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(9,9,9,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(10,10,10,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(11,11,11,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(12,12,12,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(13,13,13,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(14,14,14,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(15,15,15,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(16,16,16,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(17,17,17,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(18,18,18,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(19,19,19,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(20,20,20,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(21,21,21,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(22,22,22,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(23,23,23,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(24,24,24,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(25,25,25,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(26,26,26,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(27,27,27,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(28,28,NULL,1780480920,'skipped','no_contact',NULL,0);
INSERT INTO "status_log" VALUES(29,29,28,1780480920,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(30,27,27,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(31,1,1,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(32,25,25,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(33,27,27,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox',1);
INSERT INTO "status_log" VALUES(34,1,1,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(35,25,25,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(36,2,2,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(37,2,2,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(38,3,3,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(39,3,3,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(40,4,4,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(41,4,4,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(42,5,5,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(43,5,5,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(44,6,6,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(45,6,6,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(46,7,7,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(47,7,7,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(48,8,8,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(49,8,8,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(50,9,9,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(51,9,9,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(52,10,10,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(53,10,10,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(54,11,11,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(55,11,11,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(56,12,12,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(57,12,12,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(58,13,13,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(59,13,13,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(60,14,14,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(61,14,14,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(62,15,15,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(63,15,15,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(64,16,16,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(65,16,16,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(66,17,17,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(67,17,17,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(68,18,18,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(69,18,18,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(70,19,19,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(71,19,19,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(72,20,20,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(73,20,20,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(74,21,21,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(75,21,21,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(76,22,22,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(77,22,22,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(78,23,23,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(79,23,23,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(80,24,24,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(81,24,24,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(82,26,26,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(83,26,26,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(84,29,28,1780480920,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(85,29,28,1780480920,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(86,30,29,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(87,31,30,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(88,31,31,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(89,32,32,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(90,32,33,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(91,33,34,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(92,34,35,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(93,35,36,1780567440,'queued',NULL,NULL,0);
INSERT INTO "status_log" VALUES(94,31,31,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(95,34,35,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(96,35,36,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(97,32,33,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(98,30,29,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(99,31,30,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(100,32,32,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(101,33,34,1780567440,'sending',NULL,NULL,1);
INSERT INTO "status_log" VALUES(102,31,31,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox',1);
INSERT INTO "status_log" VALUES(103,32,33,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox',1);
INSERT INTO "status_log" VALUES(104,31,30,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(105,32,32,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(106,30,29,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(107,33,34,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox/email',1);
INSERT INTO "status_log" VALUES(108,34,35,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox',1);
INSERT INTO "status_log" VALUES(109,35,36,1780567440,'sent',NULL,'written to /var/lib/notifycli/outbox',1);
INSERT INTO "status_log" VALUES(110,25,25,1780653600,'delivered',NULL,'',1);
INSERT INTO "status_log" VALUES(111,30,29,1780653600,'failed','unknown_mailbox','550 5.1.1 unknown',1);
INSERT INTO "status_log" VALUES(112,30,37,1780653600,'queued',NULL,NULL,0);
CREATE TABLE suppressed_address (
  clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  address TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, patient_id, channel)
) STRICT, WITHOUT ROWID;
INSERT INTO "suppressed_address" VALUES('nidelv','P1','email','kari@post.example','unknown_mailbox',1780653600);
CREATE TABLE switch_turn (
  id INTEGER PRIMARY KEY,
  clinic_id TEXT NOT NULL, scope TEXT NOT NULL CHECK (scope IN ('module', 'type')), name TEXT NOT NULL,
  at INTEGER NOT NULL, is_on INTEGER NOT NULL,
  import_id INTEGER -- NULL: turned by staff
) STRICT;
INSERT INTO "switch_turn" VALUES(1,'nidelv','module','timebook',1767596400,1,1);
INSERT INTO "switch_turn" VALUES(2,'nidelv','module','post',1767596400,1,1);
INSERT INTO "switch_turn" VALUES(3,'nidelv','module','economy',1767596400,1,1);
INSERT INTO "switch_turn" VALUES(4,'nidelv','type','KONS',1767596400,1,2);
INSERT INTO "switch_turn" VALUES(5,'nidelv','type','OLD',1767596400,1,2);
INSERT INTO "switch_turn" VALUES(6,'nidelv','module','post',1780570800,0,NULL);
CREATE TABLE type (
  clinic_id TEXT NOT NULL, type_id TEXT NOT NULL,
  name TEXT NOT NULL, active INTEGER NOT NULL,
  imported_notifications INTEGER,
  cell_times TEXT NOT NULL,
  row_hash INTEGER, import_id INTEGER NOT NULL,
  PRIMARY KEY (clinic_id, type_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "type" VALUES('nidelv','KONS','Konsultasjon',1,1,'{"klm": 1767596400}',8874443609853235486,2);
INSERT INTO "type" VALUES('nidelv','OFF','Samtale',1,0,'{"klm": 1767596400}',-8257026670025839401,2);
INSERT INTO "type" VALUES('nidelv','OLD','Vaksine',0,1,'{"klm": 1767596400}',-8665690547581024326,2);
CREATE TABLE unmatched_receipt (
  id INTEGER PRIMARY KEY, received_at INTEGER NOT NULL,
  channel TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('sent', 'delivered', 'failed')),
  ours TEXT, reference TEXT, at INTEGER, reason TEXT, detail TEXT NOT NULL, is_gone INTEGER NOT NULL
) STRICT;
INSERT INTO "unmatched_receipt" VALUES(1,1780653600,'sms','delivered',NULL,'a number of the gateway''s',NULL,NULL,'',0);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX switch_turn_of_switch ON switch_turn (clinic_id, scope, name, at);
CREATE INDEX appointment_attention ON appointment (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX appointment_of_patient ON appointment (clinic_id, patient_id, starts_at) WHERE status = 'booked';
CREATE INDEX appointment_comes_unbooked ON appointment (clinic_id, patient_id)
  WHERE next_check_at IS NOT NULL AND status <> 'booked';
CREATE INDEX appointment_waits ON appointment (clinic_id, patient_id) WHERE waits_for_patient = 1;
CREATE INDEX dialog_attention ON dialog (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX dialog_waits ON dialog (clinic_id, patient_id) WHERE waits_for_patient = 1;
CREATE INDEX receipt_attention ON receipt (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX receipt_waits ON receipt (clinic_id, patient_id) WHERE waits_for_patient = 1;
CREATE INDEX external_sent ON external (sent_at);
CREATE INDEX external_of_patient ON external (clinic_id, patient_id);
CREATE INDEX notice_of_patient ON notice (clinic_id, patient_id);
CREATE INDEX notice_reopened ON notice (clinic_id, subject, subject_id) WHERE reopened_at IS NOT NULL;
CREATE INDEX notice_skipped ON notice (skipped_at) WHERE skip_reason IS NOT NULL;
CREATE INDEX delivery_queued ON delivery (channel, next_attempt_at, due_at, notice_id, clinic_id)
  WHERE status = 'queued';
CREATE INDEX delivery_queued_of_clinic ON delivery (channel, clinic_id, next_attempt_at, due_at, notice_id)
  WHERE status = 'queued';
CREATE INDEX delivery_unsettled ON delivery (status) WHERE status = 'sending' OR status = 'uncertain';
CREATE INDEX delivery_status_at ON delivery (status_at);
CREATE INDEX delivery_reference ON delivery (reference) WHERE reference IS NOT NULL;
CREATE INDEX delivery_sent_sms ON delivery (sent_at) WHERE channel = 'sms' AND status = 'sent';
CREATE VIEW patient_contact AS
SELECT p.*,
  (SELECT g.reason FROM suppressed_address g WHERE g.clinic_id = p.clinic_id AND g.patient_id = p.patient_id
    AND g.channel = 'email' AND g.address = p.email) AS email_gone,
  (SELECT g.reason FROM suppressed_address g WHERE g.clinic_id = p.clinic_id AND g.patient_id = p.patient_id
    AND g.channel = 'sms' AND g.address = p.mobile) AS mobile_gone,
  (SELECT g.reason FROM suppressed_address g WHERE g.clinic_id = p.clinic_id AND g.patient_id = p.patient_id
    AND g.channel = 'push' AND g.address = p.push_token) AS push_gone
FROM patient p;
CREATE INDEX status_log_of_notice ON status_log (notice_id);
CREATE INDEX import_failed ON import (id) WHERE error IS NOT NULL AND settled_at IS NULL;
CREATE INDEX open_reject_row ON open_reject (kind, row_id, clinic_id);
CREATE INDEX open_reject_line ON open_reject (import_id, line);
CREATE INDEX open_reject_last ON open_reject (last_import_id);
CREATE INDEX action_about ON action (about, about_id);
CREATE INDEX action_of_patient ON action (clinic_id, patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX notice_without_contact ON notice (id) WHERE skip_reason = 'no_contact';
CREATE INDEX appointment_event_takeover ON appointment_event (clinic_id, appointment_id) WHERE kind = 'takeover';
CREATE INDEX delivery_failed ON delivery (notice_id) WHERE status = 'failed';
CREATE INDEX delivery_without_contact ON delivery (notice_id) WHERE reason = 'no_contact';
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
CREATE TRIGGER "patient_search_ai" AFTER INSERT ON "patient_search" BEGIN
  INSERT INTO "patient_search_fts" (rowid, "words") VALUES (new.rowid, new."words");
END;
CREATE TRIGGER "patient_search_ad" AFTER DELETE ON "patient_search" BEGIN
  INSERT INTO "patient_search_fts" ("patient_search_fts", rowid, "words") VALUES('delete', old.rowid, old."words");
END;
CREATE TRIGGER "patient_search_au" AFTER UPDATE ON "patient_search" BEGIN
  INSERT INTO "patient_search_fts" ("patient_search_fts", rowid, "words") VALUES('delete', old.rowid, old."words");
  INSERT INTO "patient_search_fts" (rowid, "words") VALUES (new.rowid, new."words");
END;
COMMIT;
