-- idem: the inbox, one row for each message that a consumer has had. PostgreSQL 13 or later. Running this again changes
-- nothing.
--
-- Times are microseconds since 1970, on the clock of the database; the view shows them as timestamps.

CREATE TABLE IF NOT EXISTS "idem_inbox" (
    consumer    text   COLLATE "C" NOT NULL,  -- who handles the messages, such as ledger
    message     text   COLLATE "C" NOT NULL,  -- the id of a message, such as "evt_17"
    received_at bigint NOT NULL,

    PRIMARY KEY (consumer, message)
);

-- For the purge.
CREATE INDEX IF NOT EXISTS "idem_inbox_received" ON "idem_inbox" (consumer, received_at);

CREATE OR REPLACE VIEW "idem_inbox_readable" AS
SELECT consumer, message, to_timestamp(received_at / 1000000.0) AS received_at
FROM "idem_inbox";

-- One row for each source that numbers its messages.
CREATE TABLE IF NOT EXISTS "idem_inbox_marks" (
    consumer       text   COLLATE "C" NOT NULL,
    source         text   COLLATE "C" NOT NULL,  -- whose numbers these are, such as "partner-7"
    first_sequence bigint NOT NULL,              -- the number that came first
    last_sequence  bigint NOT NULL,              -- the mark: what is not beyond it is a duplicate
    updated_at     bigint NOT NULL,

    PRIMARY KEY (consumer, source)
) WITH (fillfactor = 50);
