-- The rights that notify needs, and no more. Once, as a superuser: psql -d postgres -f postgres-rights.sql
-- Then give both a password: psql -c '\password notify' -c '\password notify_run'

-- makes the tables and brings them forward: notify init, notify db move, the first command after an update
CREATE ROLE notify LOGIN;
-- all else: the crontab of each host, and staff
CREATE ROLE notify_run LOGIN;

CREATE DATABASE notify OWNER notify ENCODING 'UTF8' TEMPLATE template0;
\connect notify
REVOKE ALL ON DATABASE notify FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE notify TO notify_run;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO notify;
GRANT USAGE ON SCHEMA public TO notify_run;
ALTER DEFAULT PRIVILEGES FOR ROLE notify IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO notify_run;
ALTER DEFAULT PRIVILEGES FOR ROLE notify IN SCHEMA public GRANT USAGE ON SEQUENCES TO notify_run;
