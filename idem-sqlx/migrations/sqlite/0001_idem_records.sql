-- idem: one row for each key. SQLite 3.42 or later. Running this again changes nothing.
--
-- Times are microseconds since 1970, on the clock of the database; the view at the end shows them as text.

CREATE TABLE IF NOT EXISTS "idem_records" (
    scope               TEXT    NOT NULL,  -- the operation, such as payments.charge
    key                 TEXT    NOT NULL,  -- what makes two calls the same call, such as ("acme",17)
    state               TEXT    NOT NULL CHECK (state IN ('issued', 'running', 'released', 'completed', 'failed')),
    claim_id            TEXT,              -- who claimed the key last: 32 hex digits
    fence               INTEGER NOT NULL,  -- grows with every claim of the key
    attempts            INTEGER NOT NULL,  -- claims since the key was last free
    fingerprint         TEXT,              -- of the payload: 64 hex digits
    fingerprint_version INTEGER,
    abandoned           TEXT    CHECK (abandoned IN ('rerun', 'refuse')),  -- what a lapse of this claim means
    lease_until         INTEGER,           -- a running claim whose lease is past has lapsed
    expires_at          INTEGER NOT NULL,
    purge_from          INTEGER NOT NULL,  -- not after expires_at, and unchanged while a claim is renewed and finished
    codec               TEXT,              -- how the outcome is read: json, omitted
    outcome_version     INTEGER,           -- the version of the type that the operation returns
    outcome             TEXT,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,

    PRIMARY KEY (scope, key),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state = 'running') = (abandoned IS NOT NULL)),
    CHECK ((state IN ('completed', 'failed')) = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (codec IS NULL) AND (outcome IS NULL) = (outcome_version IS NULL)),
    CHECK ((fingerprint IS NULL) = (fingerprint_version IS NULL))
) STRICT;

-- For the purge. On a column of its own, so that finishing a call does not write to the index.
CREATE INDEX IF NOT EXISTS "idem_records_purge_from" ON "idem_records" (purge_from);

-- For people: `SELECT * FROM idem_records_readable WHERE lapsed AND abandoned = 'refuse'` lists what waits for one. It
-- needs no newer SQLite than the shells that people have.
CREATE VIEW IF NOT EXISTS "idem_records_readable" AS
SELECT scope, key, state, abandoned, attempts, fence, claim_id,
       state = 'running' AND lease_until <= (julianday('now') - 2440587.5) * 86400000000 AS lapsed,
       strftime('%Y-%m-%d %H:%M:%f', lease_until / 1000000.0, 'unixepoch') AS lease_until,
       strftime('%Y-%m-%d %H:%M:%f', expires_at / 1000000.0, 'unixepoch') AS expires_at,
       codec, outcome_version, outcome,
       strftime('%Y-%m-%d %H:%M:%f', created_at / 1000000.0, 'unixepoch') AS created_at,
       strftime('%Y-%m-%d %H:%M:%f', updated_at / 1000000.0, 'unixepoch') AS updated_at
FROM "idem_records";
