-- Labels, policies and reminders.
-- labels: by the vendor's id, not by row, so that they outlive a reading that does not list the key. folded: in
-- lower case. policies: account and label both NULL: every key. alone: the overlap's word.
CREATE TABLE labels (
    n INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
    key TEXT NOT NULL,
    folded TEXT NOT NULL,
    label TEXT NOT NULL,
    UNIQUE (account, key, folded)
);

CREATE TABLE policies (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account INTEGER REFERENCES accounts (n) ON DELETE CASCADE,
    label TEXT,
    max_age INTEGER NOT NULL,
    remind INTEGER NOT NULL,
    alone TEXT
);
-- reminders: each once; mark says which threshold or event it was. What was dismissed long ago keeps its mark only.
CREATE TABLE reminders (
    n INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    mark TEXT NOT NULL,
    name TEXT,
    words TEXT,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (account, key, kind, mark)
);
