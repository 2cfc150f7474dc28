-- idem: the inbox, one row for each message that a consumer has had. MySQL 8.0.16, MariaDB 10.6 or later. Running this
-- again changes nothing.
--
-- Times are microseconds since 1970, on the clock of the database; the view shows them as text, in UTC. Names and ids are
-- binary, in UTF-8, because every collation that both databases have takes `a` and `a ` for equal. The view shows them as text.

CREATE TABLE IF NOT EXISTS `idem_inbox` (
    `consumer`    VARBINARY(200) NOT NULL COMMENT 'who handles the messages, such as ledger',
    `message`     VARBINARY(255) NOT NULL COMMENT 'the id of a message, such as "evt_17"',
    `received_at` BIGINT NOT NULL,
    `batch`       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'which batch brought it, to tell its own rows from those that were there',

    PRIMARY KEY (`consumer`, `message`),
    -- For the purge.
    KEY `idem_inbox_received` (`consumer`, `received_at`)
) ENGINE = InnoDB;

CREATE OR REPLACE VIEW `idem_inbox_readable` AS
SELECT CONVERT(`consumer` USING utf8mb4) COLLATE utf8mb4_bin AS `consumer`,
    CONVERT(`message` USING utf8mb4) COLLATE utf8mb4_bin AS `message`,
    TIMESTAMP'1970-01-01 00:00:00' + INTERVAL `received_at` MICROSECOND AS `received_at`
FROM `idem_inbox`;

-- One row for each source that numbers its messages.
CREATE TABLE IF NOT EXISTS `idem_inbox_marks` (
    `consumer`       VARBINARY(200) NOT NULL,
    `source`         VARBINARY(255) NOT NULL COMMENT 'whose numbers these are, such as "partner-7"',
    `first_sequence` BIGINT NOT NULL COMMENT 'the number that came first',
    `last_sequence`  BIGINT NOT NULL COMMENT 'the mark: what is not beyond it is a duplicate',
    `updated_at`     BIGINT NOT NULL,

    PRIMARY KEY (`consumer`, `source`)
) ENGINE = InnoDB;
