-- idem: the inbox, one row for each message that a consumer has had. SQLite 3.42 or later. Running this again changes
-- nothing.
--
-- Times are microseconds since 1970, on the clock of the database; the view shows them as text.

CREATE TABLE IF NOT EXISTS "idem_inbox" (
    consumer    TEXT    NOT NULL,  -- who handles the messages, such as ledger
    message     TEXT    NOT NULL,  -- the id of a message, such as "evt_17"
    received_at INTEGER NOT NULL,

    PRIMARY KEY (consumer, message)
) STRICT, WITHOUT ROWID;

-- For the purge.
CREATE INDEX IF NOT EXISTS "idem_inbox_received" ON "idem_inbox" (consumer, received_at);

CREATE VIEW IF NOT EXISTS "idem_inbox_readable" AS
SELECT consumer, message, strftime('%Y-%m-%d %H:%M:%f', received_at / 1000000.0, 'unixepoch') AS received_at
FROM "idem_inbox";

-- One row for each source that numbers its messages.
CREATE TABLE IF NOT EXISTS "idem_inbox_marks" (
    consumer       TEXT    NOT NULL,
    source         TEXT    NOT NULL,  -- whose numbers these are, such as "partner-7"
    first_sequence INTEGER NOT NULL,  -- the number that came first
    last_sequence  INTEGER NOT NULL,  -- the mark: what is not beyond it is a duplicate
    updated_at     INTEGER NOT NULL,

    PRIMARY KEY (consumer, source)
) STRICT, WITHOUT ROWID;
