-- The table of release 0.1 and one row of every kind that it wrote. Every later release reads this; nobody edits it.
CREATE TABLE "idem_records" (
    scope               TEXT    NOT NULL,
    key                 TEXT    NOT NULL,
    state               TEXT    NOT NULL CHECK (state IN ('issued', 'running', 'released', 'completed', 'failed')),
    claim_id            TEXT,
    fence               INTEGER NOT NULL,
    attempts            INTEGER NOT NULL,
    fingerprint         TEXT,
    fingerprint_version INTEGER,
    abandoned           TEXT    CHECK (abandoned IN ('rerun', 'refuse')),
    lease_until         INTEGER,
    expires_at          INTEGER NOT NULL,
    purge_from          INTEGER NOT NULL,
    codec               TEXT,
    outcome_version     INTEGER,
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

CREATE INDEX "idem_records_purge_from" ON "idem_records" (purge_from);

-- The end of these is in the year 2100; where a lease is past, it was so in 2026.
INSERT INTO "idem_records" (scope, key, state, claim_id, fence, attempts, fingerprint, fingerprint_version, abandoned,
                            lease_until, expires_at, purge_from, codec, outcome_version, outcome, created_at, updated_at) VALUES
('payments.charge', '("acme",17)', 'completed', '00112233445566778899aabbccddeeff', 1795271000000000, 1,
 'a7b895dc5fbeeb186915543d985f36d337691684bf0f77bd5120cd796fbf288d', 1, NULL,
 NULL, 4102444800000000, 4102444799655000, 'json', 1, '{"receipt":"r-1"}', 1795271000000000, 1795271000345000),
('payments.charge', '("acme",18)', 'failed', '0f112233445566778899aabbccddeeff', 1795271000000001, 3, NULL, NULL, NULL,
 NULL, 4102444800000000, 4102444799655000, 'json', 2, '"card declined"', 1795271000000000, 1795271000345000),
('payments.charge', '("acme",19)', 'completed', '1f112233445566778899aabbccddeeff', 1795271000000002, 1, NULL, NULL, NULL,
 NULL, 4102444800000000, 4102444799655000, 'omitted', 1, '', 1795271000000000, 1795271000345000),
('payments.charge', '("acme",20)', 'running', '2f112233445566778899aabbccddeeff', 1795271000000003, 1, NULL, NULL, 'rerun',
 4102441200000000, 4102444800000000, 1795274600000000, NULL, NULL, NULL, 1795271000000000, 1795271000345000),
('payments.charge', '("acme",21)', 'running', '3f112233445566778899aabbccddeeff', 1795271000000004, 2, NULL, NULL, 'refuse',
 1795271030000000, 1795357430000000, 1795357400000000, NULL, NULL, NULL, 1795271000000000, 1795271000345000),
('payments.charge', '("acme",22)', 'released', '4f112233445566778899aabbccddeeff', 1795271000000005, 4, NULL, NULL, NULL,
 NULL, 4102444800000000, 4102444770000000, NULL, NULL, NULL, 1795271000000000, 1795271000345000),
('payments.charge', '"größe ''x'' \"y\"\u{a}"', 'completed', '5f112233445566778899aabbccddeeff', 1795271000000006, 1, NULL, NULL, NULL,
 NULL, 4102444800000000, 4102444799655000, 'json', 1, 'null', 1795271000000000, 1795271000345000),
('payments.charge', '#37d3421ea5813e25419240fd8f2e70dfe2eda6738f2bc95fe68859121bc44f51', 'completed',
 '6f112233445566778899aabbccddeeff', 1795271000000007, 1, NULL, NULL, NULL,
 NULL, 4102444800000000, 4102444799655000, 'json', 1, '["long"]', 1795271000000000, 1795271000345000),
('forms', 'x"5f"', 'issued', NULL, 1795271000000008, 0, NULL, NULL, NULL,
 NULL, 4102444800000000, 4102444800000000, NULL, NULL, NULL, 1795271000000000, 1795271000000000);
