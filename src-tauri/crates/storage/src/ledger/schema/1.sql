-- Times are milliseconds since 1970, UTC. Words are those of codec.rs. Comments stand outside the statements,
-- because SQLite keeps those letter by letter, and all of them should fit into the first page.

-- baseline: 1 once a reading has been merged. From then on what appears was made outside.
CREATE TABLE accounts (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    vendor TEXT NOT NULL,
    label TEXT NOT NULL,
    base_url TEXT NOT NULL,
    environment TEXT,
    rehearsal INTEGER NOT NULL,
    hint_prefix TEXT NOT NULL,
    hint_suffix TEXT NOT NULL,
    managing_key TEXT,
    connected_at INTEGER NOT NULL,
    freshness TEXT NOT NULL,
    stale_since INTEGER,
    read_at INTEGER,
    stale_reason TEXT,
    refused TEXT NOT NULL,
    baseline INTEGER NOT NULL DEFAULT 0
);

-- Most keys share their scopes with others: each set is kept once.
CREATE TABLE scope_sets (
    n INTEGER PRIMARY KEY,
    scopes TEXT NOT NULL UNIQUE
);

-- written_at: when Keyturn itself last wrote the row. A reading taken before that does not undo it.
CREATE TABLE keys (
    n INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    hint_prefix TEXT NOT NULL,
    hint_suffix TEXT NOT NULL,
    environment TEXT,
    scopes INTEGER NOT NULL REFERENCES scope_sets (n),
    status TEXT NOT NULL,
    status_at INTEGER,
    created_at INTEGER,
    expires_at INTEGER,
    last_use TEXT NOT NULL,
    last_use_at INTEGER,
    creator TEXT,
    changed_outside INTEGER,
    written_at INTEGER,
    UNIQUE (account, id)
);

CREATE TABLE operations (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
    intent TEXT NOT NULL,
    stage TEXT NOT NULL,
    detail TEXT,
    open INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);

CREATE INDEX operations_open ON operations (n) WHERE open;

CREATE TABLE sealed (
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
    operation TEXT REFERENCES operations (id) ON DELETE CASCADE,
    nonce BLOB NOT NULL CHECK (length(nonce) = 24),
    ciphertext BLOB NOT NULL
);

CREATE INDEX sealed_account ON sealed (account);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Outlives its accounts: no reference to them.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    account TEXT NOT NULL,
    key TEXT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT,
    hash BLOB NOT NULL
);

CREATE INDEX journal_key ON journal (account, key);

CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is only ever appended to'); END;

CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is only ever appended to'); END;

-- The last link, so that a journal cut short is found as well.
CREATE TABLE journal_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
);
