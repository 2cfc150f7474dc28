-- idem: one row for each key. MySQL 8.0.16, MariaDB 10.6 or later. Running this again changes nothing.
--
-- Times are microseconds since 1970, on the clock of the database; the view at the end shows them as text, in UTC.
-- Scopes and keys are binary, in UTF-8, because every collation that both databases have takes `a` and `a ` for equal. The
-- view shows them as text.

CREATE TABLE IF NOT EXISTS `idem_records` (
    `scope`               VARBINARY(200) NOT NULL COMMENT 'the operation, such as payments.charge',
    `key`                 VARBINARY(255) NOT NULL COMMENT 'what makes two calls the same call, such as ("acme",17)',
    `state`               VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'issued, running, released, completed or failed',
    `claim_id`            CHAR(32) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'who claimed the key last',
    `fence`               BIGINT NOT NULL COMMENT 'grows with every claim of the key',
    `attempts`            BIGINT NOT NULL COMMENT 'claims since the key was last free',
    `fingerprint`         CHAR(64) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'of the payload',
    `fingerprint_version` BIGINT,
    `abandoned`           VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'what a lapse of this claim means: rerun or refuse',
    `lease_until`         BIGINT COMMENT 'a running claim whose lease is past has lapsed',
    `expires_at`          BIGINT NOT NULL,
    `purge_from`          BIGINT NOT NULL COMMENT 'not after expires_at, and unchanged while a claim is renewed and finished',
    `codec`               VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'how the outcome is read: json, omitted',
    `outcome_version`     BIGINT COMMENT 'the version of the type that the operation returns',
    `outcome`             LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    `created_at`          BIGINT NOT NULL,
    `updated_at`          BIGINT NOT NULL,

    PRIMARY KEY (`scope`, `key`),
    -- For the purge. On a column of its own, so that finishing a call does not write to it.
    KEY `idem_records_purge_from` (`purge_from`),
    CHECK (`state` IN ('issued', 'running', 'released', 'completed', 'failed')),
    CHECK (`abandoned` IN ('rerun', 'refuse')),
    CHECK ((`state` = 'running') = (`lease_until` IS NOT NULL)),
    CHECK ((`state` = 'running') = (`abandoned` IS NOT NULL)),
    CHECK ((`state` IN ('completed', 'failed')) = (`outcome` IS NOT NULL)),
    CHECK ((`outcome` IS NULL) = (`codec` IS NULL) AND (`outcome` IS NULL) = (`outcome_version` IS NULL)),
    CHECK ((`fingerprint` IS NULL) = (`fingerprint_version` IS NULL))
) ENGINE = InnoDB;

-- For people: `SELECT * FROM idem_records_readable WHERE lapsed AND abandoned = 'refuse'` lists what waits for one.
CREATE OR REPLACE VIEW `idem_records_readable` AS
SELECT CONVERT(`scope` USING utf8mb4) COLLATE utf8mb4_bin AS `scope`, CONVERT(`key` USING utf8mb4) COLLATE utf8mb4_bin AS `key`,
       `state`, `abandoned`, `attempts`, `fence`, `claim_id`,
       `state` = 'running' AND `lease_until` <= TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) AS `lapsed`,
       TIMESTAMP'1970-01-01 00:00:00' + INTERVAL `lease_until` MICROSECOND AS `lease_until`,
       TIMESTAMP'1970-01-01 00:00:00' + INTERVAL `expires_at` MICROSECOND AS `expires_at`,
       `codec`, `outcome_version`, `outcome`,
       TIMESTAMP'1970-01-01 00:00:00' + INTERVAL `created_at` MICROSECOND AS `created_at`,
       TIMESTAMP'1970-01-01 00:00:00' + INTERVAL `updated_at` MICROSECOND AS `updated_at`
FROM `idem_records`;
