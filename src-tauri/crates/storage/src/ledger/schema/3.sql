-- Acts on many keys at once: each with its keys and what became of them. An item's operation bears a name that
-- follows from batch, number and tries; the item has begun where that operation exists.
CREATE TABLE batches (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    deed TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
);

CREATE TABLE batch_items (
    n INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL REFERENCES batches (n) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    hint_prefix TEXT NOT NULL,
    hint_suffix TEXT NOT NULL,
    state TEXT NOT NULL,
    words TEXT,
    tries INTEGER NOT NULL,
    not_before INTEGER,
    UNIQUE (batch, number)
);

-- The key that an operation begins with, and the one that it leads to: so those of one key are found among many.
ALTER TABLE operations ADD COLUMN old_key TEXT AS (CASE WHEN json_valid(intent) THEN coalesce(
    intent ->> '$.replace.predecessor', intent ->> '$.rotate.predecessor', intent ->> '$.revoke.key') END);
ALTER TABLE operations ADD COLUMN new_key TEXT AS (CASE WHEN json_valid(detail) THEN
    CASE WHEN stage = 'rotating' THEN coalesce(
        detail ->> '$.phase.minted.successor.key', detail ->> '$.phase.verified.successor.key',
        detail ->> '$.phase.overlap.successor.key', detail ->> '$.phase.revoking.successor.key',
        detail ->> '$.phase.dying.successor.key', detail ->> '$.phase.bereft.successor.key',
        detail ->> '$.phase.undoing.successor.key', detail ->> '$.phase.fading.successor.key',
        detail ->> '$.phase.done.successor.key')
    WHEN stage = 'escrowed' THEN (detail ->> '$[0][0]') || '/' || (detail ->> '$[0][1]') END END);
CREATE INDEX operations_old ON operations (account, old_key) WHERE open;
CREATE INDEX operations_new ON operations (new_key) WHERE open;
CREATE INDEX operations_orphaned ON operations (account) WHERE open AND stage = 'orphaned';
