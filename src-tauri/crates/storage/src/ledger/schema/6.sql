-- Reasons in the journal, the vendors' own audit records, fingerprints of values that were held.
-- form: which fields an entry's hash covers; 1 is that of the first versions. journal_at holds all that is filtered
-- by, so that no row is read to count. The last two tables outlive their accounts, as the journal does.
-- fingerprints.key is empty for a managing key whose row is not known.
ALTER TABLE journal ADD COLUMN form INTEGER NOT NULL DEFAULT 1;
ALTER TABLE journal ADD COLUMN reason TEXT;
ALTER TABLE journal ADD COLUMN fingerprint TEXT;

CREATE INDEX journal_at ON journal (at, account, action, outcome);

CREATE TABLE vendor_records (
    n INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    key TEXT,
    name TEXT,
    action TEXT NOT NULL,
    words TEXT NOT NULL,
    actor TEXT,
    UNIQUE (account, id)
);

CREATE INDEX vendor_records_at ON vendor_records (at);

CREATE TABLE fingerprints (
    fingerprint BLOB NOT NULL,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    UNIQUE (fingerprint, account, key)
);

CREATE INDEX fingerprints_key ON fingerprints (account, key);
