-- What was observed of keys over time. observed_since: the first reading since uses are recorded. woke_at: the last
-- use that ended a long silence. usage_at: the last use up to which the addresses are known.
ALTER TABLE accounts ADD COLUMN observed_since INTEGER;
ALTER TABLE keys ADD COLUMN woke_at INTEGER;
ALTER TABLE keys ADD COLUMN usage_at INTEGER;

CREATE INDEX keys_woke ON keys (woke_at) WHERE woke_at IS NOT NULL;

-- One row a key and month, a bit a day: 10,000 keys fill 3 MB a year, so that nothing needs to be thrown away.
-- month: counted from January 1970. known: days of which a reading said whether the key was used.
CREATE TABLE uses (
    key INTEGER NOT NULL REFERENCES keys (n) ON DELETE CASCADE,
    month INTEGER NOT NULL,
    used INTEGER NOT NULL,
    known INTEGER NOT NULL,
    PRIMARY KEY (key, month)
) STRICT, WITHOUT ROWID;

-- From where a key was used. news: when it was first seen, where others had been known for long.
CREATE TABLE addresses (
    key INTEGER NOT NULL REFERENCES keys (n) ON DELETE CASCADE,
    ip TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_used INTEGER,
    news INTEGER,
    PRIMARY KEY (key, ip)
) STRICT, WITHOUT ROWID;

CREATE INDEX addresses_news ON addresses (news) WHERE news IS NOT NULL;

-- What readings found changed, outside Keyturn or by time alone. kind: see observations.rs. before, after: a status
-- or a name as text, a time or the number of a set of scopes as it is. Outlives the key.
CREATE TABLE changes (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    outside INTEGER NOT NULL,
    before ANY,
    after ANY
) STRICT;

CREATE INDEX changes_outside ON changes (n) WHERE outside;

-- finding: a word of core's. until: NULL where it holds until it is withdrawn.
CREATE TABLE acceptances (
    key INTEGER NOT NULL REFERENCES keys (n) ON DELETE CASCADE,
    finding TEXT NOT NULL,
    reason TEXT NOT NULL,
    until INTEGER,
    PRIMARY KEY (key, finding)
) STRICT, WITHOUT ROWID;
