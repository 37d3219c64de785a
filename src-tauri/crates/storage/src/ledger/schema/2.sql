-- settings: a JSON object of the vendor's fields. assisted: 1 where there is no managing key. checked_*: the last
-- probe with the key itself, NULL where there was none.
ALTER TABLE accounts ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE accounts ADD COLUMN assisted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN checked_at INTEGER;
ALTER TABLE keys ADD COLUMN checked_alive INTEGER;
