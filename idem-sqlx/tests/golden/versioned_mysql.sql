-- insert_once
START TRANSACTION; SAVEPOINT idem_whole;
SELECT IF(EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?), (SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? GROUP BY INDEX_NAME HAVING MIN(COALESCE(COLUMN_NAME IN ('id', 'tenant_id'), 1)) = 1) AS idem_unique), NULL);
INSERT INTO `orders` (`id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `created_at`, `updated_at`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, CURRENT_TIMESTAMP(6), CURRENT_TIMESTAMP(6));
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ?;
COMMIT;

-- insert_once, of a row that is there
START TRANSACTION; SAVEPOINT idem_whole;
INSERT INTO `orders` (`id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `created_at`, `updated_at`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, CURRENT_TIMESTAMP(6), CURRENT_TIMESTAMP(6));
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `id` = ? AND `tenant_id` = ? LOCK IN SHARE MODE;
COMMIT;

-- load
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ?;

-- update_to, unchanged

-- update_to
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `orders` SET `address` = ?, `quantity` = ?, `seen` = ?, `version` = `version` + 1, `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant_id` = ? AND `id` = ? AND `version` = ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ?;
COMMIT;

-- update_to, a conflict
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `orders` SET `address` = ?, `quantity` = ?, `seen` = ?, `version` = `version` + 1, `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant_id` = ? AND `id` = ? AND `version` = ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? LOCK IN SHARE MODE;
COMMIT;

-- modify
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ?;
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `orders` SET `address` = ?, `quantity` = ?, `seen` = ?, `version` = `version` + 1, `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant_id` = ? AND `id` = ? AND `version` = ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ?;
COMMIT;

-- update_many, one of two
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `orders` SET `address` = ?, `quantity` = ?, `seen` = ?, `version` = `version` + 1, `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant_id` = ? AND `id` = ? AND `version` = ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? LOCK IN SHARE MODE;
COMMIT;

-- apply_newer
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `orders` SET `status` = ?, `version` = ?, `address` = ?, `quantity` = ?, `seen` = ?, `channel` = ?, `created_at` = ?, `updated_at` = ? WHERE `tenant_id` = ? AND `id` = ? AND `version` < ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ?;
COMMIT;

-- apply_newer, of an older one
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `orders` SET `status` = ?, `version` = ?, `address` = ?, `quantity` = ?, `seen` = ?, `channel` = ?, `created_at` = ?, `updated_at` = ? WHERE `tenant_id` = ? AND `id` = ? AND `version` < ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? LOCK IN SHARE MODE;
COMMIT;

-- delete, a conflict
DELETE FROM `orders` WHERE `tenant_id` = ? AND `id` = ? AND `version` = ?;
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? LOCK IN SHARE MODE;

-- delete
DELETE FROM `orders` WHERE `tenant_id` = ? AND `id` = ? AND `version` = ?;

-- update_to, guarded by a state
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `tickets` SET `order` = ? WHERE `id` = ? AND NOT `is_deleted` AND CONVERT(`state` USING utf8mb4) COLLATE utf8mb4_bin = CAST(? AS CHAR);
SELECT `id`, `state`, `order`, `is_deleted` FROM `tickets` WHERE `id` = ?;
COMMIT;

-- delete, with a flag
UPDATE `tickets` SET `is_deleted` = TRUE WHERE `id` = ? AND NOT `is_deleted` AND CONVERT(`state` USING utf8mb4) COLLATE utf8mb4_bin = CAST(? AS CHAR);

-- update_to, guarded by nothing
START TRANSACTION; SAVEPOINT idem_whole;
UPDATE `rules` SET `value` = ? WHERE `area` = ? AND `name` = ?;
SELECT `area`, `name`, `value` FROM `rules` WHERE `area` = ? AND `name` = ? LOCK IN SHARE MODE;
COMMIT;

-- insert_once, known by a number
START TRANSACTION; SAVEPOINT idem_whole;
SELECT IF(EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?), (SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? GROUP BY INDEX_NAME HAVING MIN(COALESCE(COLUMN_NAME IN ('number'), 1)) = 1) AS idem_unique), NULL);
INSERT INTO `notes` (`id`, `number`, `slug`, `version`, `body`, `deleted_at`) VALUES (?, ?, ?, ?, ?, ?);
SELECT `id`, `number`, `slug`, `version`, `body`, `deleted_at` FROM `notes` WHERE `id` = ?;
COMMIT;

-- insert_once, of a number that is there
START TRANSACTION; SAVEPOINT idem_whole;
INSERT INTO `notes` (`id`, `number`, `slug`, `version`, `body`, `deleted_at`) VALUES (?, ?, ?, ?, ?, ?);
SELECT `id`, `number`, `slug`, `version`, `body`, `deleted_at` FROM `notes` WHERE `number` = ? AND `deleted_at` IS NULL LOCK IN SHARE MODE;
COMMIT;

-- delete, with a time
UPDATE `notes` SET `deleted_at` = CURRENT_TIMESTAMP(6), `version` = `version` + 1 WHERE `id` = ? AND `deleted_at` IS NULL AND `version` = ?;

-- for_update
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? FOR UPDATE;

-- for_update, nowait
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? FOR UPDATE NOWAIT;

-- for_update, skip_locked
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? FOR UPDATE SKIP LOCKED;

-- for_share
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? LOCK IN SHARE MODE;

-- for_share, nowait
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? /*M! LOCK IN SHARE MODE NOWAIT */ /*!80001 FOR SHARE NOWAIT */;

-- for_share, skip_locked
SELECT `id`, `tenant_id`, `status`, `version`, `address`, `quantity`, `seen`, `channel`, `total`, `created_at`, `updated_at` FROM `orders` WHERE `tenant_id` = ? AND `id` = ? /*M! LOCK IN SHARE MODE SKIP LOCKED */ /*!80001 FOR SHARE SKIP LOCKED */;
