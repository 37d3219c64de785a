-- What one reading is worth. unlisted_since: the first of the readings that did not list the key; NULL where the last
-- one did. gone_at: since when the vendor does not list it, as two readings agree; the row stays, with everything that
-- a person or time gave to the key. listed_dead: 1 where the vendor's list calls a key dead whose end Keyturn watches.
-- doubted: 1 where the last reading went well and was not believed.
ALTER TABLE keys ADD COLUMN unlisted_since INTEGER;
ALTER TABLE keys ADD COLUMN gone_at INTEGER;
ALTER TABLE keys ADD COLUMN listed_dead INTEGER;
ALTER TABLE accounts ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;

CREATE INDEX keys_absent ON keys (account) WHERE unlisted_since IS NOT NULL OR gone_at IS NOT NULL;
CREATE INDEX keys_gone ON keys (account) WHERE gone_at IS NOT NULL;

CREATE VIEW listed AS SELECT * FROM keys WHERE gone_at IS NULL;

-- The key that an operation leads to, also where a person ended it where it stood.
DROP INDEX operations_new;
ALTER TABLE operations DROP COLUMN new_key;
ALTER TABLE operations ADD COLUMN new_key TEXT AS (CASE WHEN json_valid(detail) THEN
    CASE WHEN stage = 'rotating' THEN coalesce(
        detail ->> '$.phase.minted.successor.key', detail ->> '$.phase.verified.successor.key',
        detail ->> '$.phase.overlap.successor.key', detail ->> '$.phase.revoking.successor.key',
        detail ->> '$.phase.dying.successor.key', detail ->> '$.phase.bereft.successor.key',
        detail ->> '$.phase.undoing.successor.key', detail ->> '$.phase.fading.successor.key',
        detail ->> '$.phase.done.successor.key', detail ->> '$.phase.left.successor.key')
    WHEN stage = 'escrowed' THEN (detail ->> '$[0][0]') || '/' || (detail ->> '$[0][1]') END END);
CREATE INDEX operations_new ON operations (new_key) WHERE open;
