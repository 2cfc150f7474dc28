-- PostgreSQL

-- pay of orders: take
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'unpaid' AND "version" IS NOT NULL RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- pay of orders: take at version
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'unpaid' AND "version" = $3 RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- pay of orders: look and lock
SELECT CAST("status" AS text), "version", 1 FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL FOR UPDATE;

-- pay of orders: advance
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'unpaid' RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- pay of orders: written
SELECT CAST("status" AS text), "version" FROM "orders" WHERE "tenant" = $1 AND "id" = $2;

-- pay of orders: look
SELECT CAST("status" AS text), "version", 1 FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL;


-- release of orders: take
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'held' AND (total < 5000) IS TRUE AND "version" IS NOT NULL RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- release of orders: take at version
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'held' AND (total < 5000) IS TRUE AND "version" = $3 RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- release of orders: look and lock
SELECT CAST("status" AS text), "version", CASE WHEN (total < 5000) IS TRUE THEN 1 ELSE 0 END FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL FOR UPDATE;

-- release of orders: advance
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'held' RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- release of orders: written
SELECT CAST("status" AS text), "version" FROM "orders" WHERE "tenant" = $1 AND "id" = $2;

-- release of orders: look
SELECT CAST("status" AS text), "version", CASE WHEN (total < 5000) IS TRUE THEN 1 ELSE 0 END FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL;


-- abandon of orders: take
UPDATE "orders" SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP FROM (SELECT CAST("status" AS text) AS "idem_state", "id" AS "idem_1", "tenant" AS "idem_2" FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') AND "version" IS NOT NULL FOR UPDATE) AS "idem_before" WHERE "id" = "idem_1" AND "tenant" = "idem_2" RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after", "idem_state";

-- abandon of orders: take at version
UPDATE "orders" SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP FROM (SELECT CAST("status" AS text) AS "idem_state", "id" AS "idem_1", "tenant" AS "idem_2" FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') AND "version" = $3 FOR UPDATE) AS "idem_before" WHERE "id" = "idem_1" AND "tenant" = "idem_2" RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after", "idem_state";

-- abandon of orders: look and lock
SELECT CAST("status" AS text), "version", 1 FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL FOR UPDATE;

-- abandon of orders: advance
UPDATE "orders" SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- abandon of orders: written
SELECT CAST("status" AS text), "version" FROM "orders" WHERE "tenant" = $1 AND "id" = $2;

-- abandon of orders: look
SELECT CAST("status" AS text), "version", 1 FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL;


-- cancel of orders: look and lock
SELECT CAST("status" AS text), "version", 1 FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL FOR UPDATE;

-- cancel of orders: record
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'cancel', "status", 'cancelled', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "orders" WHERE "tenant" = $4 AND "id" = $5 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'paid') AND "version" IS NOT NULL FOR UPDATE ON CONFLICT DO NOTHING RETURNING CAST("from_state" AS text);

-- cancel of orders: record at version
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'cancel', "status", 'cancelled', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "orders" WHERE "tenant" = $4 AND "id" = $5 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'paid') AND "version" = $6 FOR UPDATE ON CONFLICT DO NOTHING RETURNING CAST("from_state" AS text);

-- cancel of orders: record move
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'cancel', "status", 'cancelled', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "orders" WHERE "tenant" = $4 AND "id" = $5 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'paid') FOR UPDATE ON CONFLICT DO NOTHING RETURNING CAST("from_state" AS text);

-- cancel of orders: advance
UPDATE "orders" SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'paid') RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- cancel of orders: written
SELECT CAST("status" AS text), "version" FROM "orders" WHERE "tenant" = $1 AND "id" = $2;

-- cancel of orders: look
SELECT CAST("status" AS text), "version", 1, (SELECT CAST("event" AS text) FROM "order_transitions" WHERE "tenant" = $1 AND "id" = $2 AND "key" = $3), (SELECT CAST("to_state" AS text) FROM "order_transitions" WHERE "tenant" = $4 AND "id" = $5 AND "key" = $6), (SELECT CAST("key" AS text) FROM "order_transitions" WHERE "tenant" = $7 AND "id" = $8 AND "key" = $9) FROM "orders" WHERE "tenant" = $10 AND "id" = $11 AND "deleted_at" IS NULL;


-- settle of orders: look and lock
SELECT CAST("status" AS text), "version", CASE WHEN (total > 1000) IS TRUE THEN 1 ELSE 0 END, 1 FROM "orders" WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL FOR UPDATE;

-- settle of orders: record move
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'settle', "status", 'held', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "orders" WHERE "tenant" = $4 AND "id" = $5 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'unpaid' FOR UPDATE ON CONFLICT DO NOTHING RETURNING CAST("from_state" AS text);

-- settle of orders: record move
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'settle', "status", 'paid', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "orders" WHERE "tenant" = $4 AND "id" = $5 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') FOR UPDATE ON CONFLICT DO NOTHING RETURNING CAST("from_state" AS text);

-- settle of orders: advance
UPDATE "orders" SET "status" = 'held', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" = 'unpaid' RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- settle of orders: advance
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant" = $1 AND "id" = $2 AND "deleted_at" IS NULL AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') RETURNING CAST("status" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- settle of orders: written
SELECT CAST("status" AS text), "version" FROM "orders" WHERE "tenant" = $1 AND "id" = $2;

-- settle of orders: look
SELECT CAST("status" AS text), "version", CASE WHEN (total > 1000) IS TRUE THEN 1 ELSE 0 END, 1, (SELECT CAST("event" AS text) FROM "order_transitions" WHERE "tenant" = $1 AND "id" = $2 AND "key" = $3), (SELECT CAST("to_state" AS text) FROM "order_transitions" WHERE "tenant" = $4 AND "id" = $5 AND "key" = $6), (SELECT CAST("key" AS text) FROM "order_transitions" WHERE "tenant" = $7 AND "id" = $8 AND "key" = $9) FROM "orders" WHERE "tenant" = $10 AND "id" = $11 AND "deleted_at" IS NULL;


-- abandon of lines: take
UPDATE "lines" SET "status" = 'cancelled' FROM (SELECT CAST("status" AS text) AS "idem_state", "id" AS "idem_1", "article" AS "idem_2" FROM "lines" WHERE "id" = $1 AND "article" = $2 AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') FOR UPDATE) AS "idem_before" WHERE "id" = "idem_1" AND "article" = "idem_2" RETURNING CAST("status" AS text), NULL, CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "lines".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after", "idem_state";

-- abandon of lines: take at version
UPDATE "lines" SET "status" = 'cancelled' FROM (SELECT CAST("status" AS text) AS "idem_state", "id" AS "idem_1", "article" AS "idem_2" FROM "lines" WHERE "id" = $1 AND "article" = $2 AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') FOR UPDATE) AS "idem_before" WHERE "id" = "idem_1" AND "article" = "idem_2" RETURNING CAST("status" AS text), NULL, CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "lines".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after", "idem_state";

-- abandon of lines: look and lock
SELECT CAST("status" AS text), NULL, 1 FROM "lines" WHERE "id" = $1 AND "article" = $2 FOR UPDATE;

-- abandon of lines: advance
UPDATE "lines" SET "status" = 'cancelled' WHERE "id" = $1 AND "article" = $2 AND rtrim(CAST("status" AS text)) COLLATE "C" IN ('unpaid', 'held') RETURNING CAST("status" AS text), NULL, CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "lines".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- abandon of lines: written
SELECT CAST("status" AS text), NULL FROM "lines" WHERE "id" = $1 AND "article" = $2;

-- abandon of lines: look
SELECT CAST("status" AS text), NULL, 1 FROM "lines" WHERE "id" = $1 AND "article" = $2;


-- open of rooms: look and lock
SELECT CAST("door" AS text), "version", 1 FROM "rooms" WHERE "id" = $1 FOR UPDATE;

-- open of rooms: record
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'door.open', "door", 'open', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "rooms" WHERE "id" = $4 AND rtrim(CAST("door" AS text)) COLLATE "C" = 'closed' AND "version" IS NOT NULL FOR UPDATE ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING CAST("from_state" AS text);

-- open of rooms: record at version
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'door.open', "door", 'open', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "rooms" WHERE "id" = $4 AND rtrim(CAST("door" AS text)) COLLATE "C" = 'closed' AND "version" = $5 FOR UPDATE ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING CAST("from_state" AS text);

-- open of rooms: record move
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'door.open', "door", 'open', "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "rooms" WHERE "id" = $4 AND rtrim(CAST("door" AS text)) COLLATE "C" = 'closed' FOR UPDATE ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING CAST("from_state" AS text);

-- open of rooms: advance
UPDATE "rooms" SET "door" = 'open', "version" = "version" + 1 WHERE "id" = $1 AND rtrim(CAST("door" AS text)) COLLATE "C" = 'closed' RETURNING CAST("door" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "rooms".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- open of rooms: written
SELECT CAST("door" AS text), "version" FROM "rooms" WHERE "id" = $1;

-- open of rooms: look
SELECT CAST("door" AS text), "version", 1, (SELECT CAST("event" AS text) FROM "room_transitions" WHERE "id" = $1 AND "key" = $2), (SELECT CAST("to_state" AS text) FROM "room_transitions" WHERE "id" = $3 AND "key" = $4), (SELECT CAST("key" AS text) FROM "room_transitions" WHERE "id" = $5 AND "key" = $6) FROM "rooms" WHERE "id" = $7;


-- off of rooms: look and lock
SELECT CAST("lamp" AS text), "version", 1 FROM "rooms" WHERE "id" = $1 FOR UPDATE;

-- off of rooms: record
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'lamp.off', "lamp", -1, "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "rooms" WHERE "id" = $4 AND "lamp" = 300 AND "version" IS NOT NULL FOR UPDATE ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING CAST("from_state" AS text);

-- off of rooms: record at version
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'lamp.off', "lamp", -1, "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "rooms" WHERE "id" = $4 AND "lamp" = 300 AND "version" = $5 FOR UPDATE ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING CAST("from_state" AS text);

-- off of rooms: record move
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'lamp.off', "lamp", -1, "version" + 1, $1, $2, $3, CURRENT_TIMESTAMP FROM "rooms" WHERE "id" = $4 AND "lamp" = 300 FOR UPDATE ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING CAST("from_state" AS text);

-- off of rooms: advance
UPDATE "rooms" SET "lamp" = -1, "version" = "version" + 1 WHERE "id" = $1 AND "lamp" = 300 RETURNING CAST("lamp" AS text), "version", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "rooms".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- off of rooms: written
SELECT CAST("lamp" AS text), "version" FROM "rooms" WHERE "id" = $1;

-- off of rooms: look
SELECT CAST("lamp" AS text), "version", 1, (SELECT CAST("event" AS text) FROM "room_transitions" WHERE "id" = $1 AND "key" = $2), (SELECT CAST("to_state" AS text) FROM "room_transitions" WHERE "id" = $3 AND "key" = $4), (SELECT CAST("key" AS text) FROM "room_transitions" WHERE "id" = $5 AND "key" = $6) FROM "rooms" WHERE "id" = $7;

-- MySQL

-- pay of orders: take
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'unpaid' AND `version` IS NOT NULL;

-- pay of orders: take at version
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'unpaid' AND `version` = ?;

-- pay of orders: look and lock
SELECT `status`, `version`, 1 FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL FOR UPDATE;

-- pay of orders: advance
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'unpaid';

-- pay of orders: written
SELECT `status`, `version` FROM `orders` WHERE `tenant` = ? AND `id` = ?;

-- pay of orders: look
SELECT `status`, `version`, 1 FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL LOCK IN SHARE MODE;


-- release of orders: take
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'held' AND (total < 5000) IS TRUE AND `version` IS NOT NULL;

-- release of orders: take at version
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'held' AND (total < 5000) IS TRUE AND `version` = ?;

-- release of orders: look and lock
SELECT `status`, `version`, CASE WHEN (total < 5000) IS TRUE THEN 1 ELSE 0 END FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL FOR UPDATE;

-- release of orders: advance
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'held';

-- release of orders: written
SELECT `status`, `version` FROM `orders` WHERE `tenant` = ? AND `id` = ?;

-- release of orders: look
SELECT `status`, `version`, CASE WHEN (total < 5000) IS TRUE THEN 1 ELSE 0 END FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL LOCK IN SHARE MODE;


-- abandon of orders: look and lock
SELECT `status`, `version`, 1 FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL FOR UPDATE;

-- abandon of orders: advance
UPDATE `orders` SET `status` = 'cancelled', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin IN ('unpaid', 'held');

-- abandon of orders: written
SELECT `status`, `version` FROM `orders` WHERE `tenant` = ? AND `id` = ?;

-- abandon of orders: look
SELECT `status`, `version`, 1 FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL LOCK IN SHARE MODE;


-- cancel of orders: look and lock
SELECT `status`, `version`, 1 FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL FOR UPDATE;

-- cancel of orders: record move
INSERT INTO `order_transitions` (`id`, `tenant`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, `tenant`, 'cancel', `status`, 'cancelled', `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin IN ('unpaid', 'paid') FOR UPDATE;

-- cancel of orders: advance
UPDATE `orders` SET `status` = 'cancelled', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin IN ('unpaid', 'paid');

-- cancel of orders: written
SELECT `status`, `version` FROM `orders` WHERE `tenant` = ? AND `id` = ?;

-- cancel of orders: look
SELECT `status`, `version`, 1, (SELECT `event` FROM `order_transitions` WHERE `tenant` = ? AND `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `to_state` FROM `order_transitions` WHERE `tenant` = ? AND `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `key` FROM `order_transitions` WHERE `tenant` = ? AND `id` = ? AND `key` = ? LOCK IN SHARE MODE) FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL LOCK IN SHARE MODE;


-- settle of orders: look and lock
SELECT `status`, `version`, CASE WHEN (total > 1000) IS TRUE THEN 1 ELSE 0 END, 1 FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL FOR UPDATE;

-- settle of orders: record move
INSERT INTO `order_transitions` (`id`, `tenant`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, `tenant`, 'settle', `status`, 'held', `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'unpaid' FOR UPDATE;

-- settle of orders: record move
INSERT INTO `order_transitions` (`id`, `tenant`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, `tenant`, 'settle', `status`, 'paid', `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin IN ('unpaid', 'held') FOR UPDATE;

-- settle of orders: advance
UPDATE `orders` SET `status` = 'held', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin = 'unpaid';

-- settle of orders: advance
UPDATE `orders` SET `status` = 'paid', `version` = LAST_INSERT_ID(`version` + 1), `updated_at` = CURRENT_TIMESTAMP(6) WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin IN ('unpaid', 'held');

-- settle of orders: written
SELECT `status`, `version` FROM `orders` WHERE `tenant` = ? AND `id` = ?;

-- settle of orders: look
SELECT `status`, `version`, CASE WHEN (total > 1000) IS TRUE THEN 1 ELSE 0 END, 1, (SELECT `event` FROM `order_transitions` WHERE `tenant` = ? AND `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `to_state` FROM `order_transitions` WHERE `tenant` = ? AND `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `key` FROM `order_transitions` WHERE `tenant` = ? AND `id` = ? AND `key` = ? LOCK IN SHARE MODE) FROM `orders` WHERE `tenant` = ? AND `id` = ? AND `deleted_at` IS NULL LOCK IN SHARE MODE;


-- abandon of lines: look and lock
SELECT `status`, NULL, 1 FROM `lines` WHERE `id` = ? AND `article` = ? FOR UPDATE;

-- abandon of lines: advance
UPDATE `lines` SET `status` = 'cancelled' WHERE `id` = ? AND `article` = ? AND CONVERT(`status` USING utf8mb4) COLLATE utf8mb4_bin IN ('unpaid', 'held');

-- abandon of lines: written
SELECT `status`, NULL FROM `lines` WHERE `id` = ? AND `article` = ?;

-- abandon of lines: look
SELECT `status`, NULL, 1 FROM `lines` WHERE `id` = ? AND `article` = ? LOCK IN SHARE MODE;


-- open of rooms: look and lock
SELECT `door`, `version`, 1 FROM `rooms` WHERE `id` = ? FOR UPDATE;

-- open of rooms: guards
SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND NON_UNIQUE = 0 GROUP BY INDEX_NAME HAVING SUM(SUB_PART IS NULL AND COLUMN_NAME IN ('key', 'id')) = COUNT(*)) AS idem_guards;

-- open of rooms: record
INSERT INTO `room_transitions` (`id`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, 'door.open', `door`, 'open', `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `rooms` WHERE `id` = ? AND CONVERT(`door` USING utf8mb4) COLLATE utf8mb4_bin = 'closed' AND `version` IS NOT NULL FOR UPDATE;

-- open of rooms: record at version
INSERT INTO `room_transitions` (`id`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, 'door.open', `door`, 'open', `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `rooms` WHERE `id` = ? AND CONVERT(`door` USING utf8mb4) COLLATE utf8mb4_bin = 'closed' AND `version` = ? FOR UPDATE;

-- open of rooms: record move
INSERT INTO `room_transitions` (`id`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, 'door.open', `door`, 'open', `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `rooms` WHERE `id` = ? AND CONVERT(`door` USING utf8mb4) COLLATE utf8mb4_bin = 'closed' FOR UPDATE;

-- open of rooms: advance
UPDATE `rooms` SET `door` = 'open', `version` = LAST_INSERT_ID(`version` + 1) WHERE `id` = ? AND CONVERT(`door` USING utf8mb4) COLLATE utf8mb4_bin = 'closed';

-- open of rooms: written
SELECT `door`, `version` FROM `rooms` WHERE `id` = ?;

-- open of rooms: look
SELECT `door`, `version`, 1, (SELECT `event` FROM `room_transitions` WHERE `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `to_state` FROM `room_transitions` WHERE `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `key` FROM `room_transitions` WHERE `id` = ? AND `key` = ? LOCK IN SHARE MODE) FROM `rooms` WHERE `id` = ? LOCK IN SHARE MODE;


-- off of rooms: look and lock
SELECT `lamp`, `version`, 1 FROM `rooms` WHERE `id` = ? FOR UPDATE;

-- off of rooms: guards
SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND NON_UNIQUE = 0 GROUP BY INDEX_NAME HAVING SUM(SUB_PART IS NULL AND COLUMN_NAME IN ('key', 'id')) = COUNT(*)) AS idem_guards;

-- off of rooms: record
INSERT INTO `room_transitions` (`id`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, 'lamp.off', `lamp`, -1, `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `rooms` WHERE `id` = ? AND `lamp` = 300 AND `version` IS NOT NULL FOR UPDATE;

-- off of rooms: record at version
INSERT INTO `room_transitions` (`id`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, 'lamp.off', `lamp`, -1, `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `rooms` WHERE `id` = ? AND `lamp` = 300 AND `version` = ? FOR UPDATE;

-- off of rooms: record move
INSERT INTO `room_transitions` (`id`, `event`, `from_state`, `to_state`, `version`, `key`, `actor`, `reason`, `at`) SELECT `id`, 'lamp.off', `lamp`, -1, `version` + 1, ?, ?, ?, CURRENT_TIMESTAMP(6) FROM `rooms` WHERE `id` = ? AND `lamp` = 300 FOR UPDATE;

-- off of rooms: advance
UPDATE `rooms` SET `lamp` = -1, `version` = LAST_INSERT_ID(`version` + 1) WHERE `id` = ? AND `lamp` = 300;

-- off of rooms: written
SELECT `lamp`, `version` FROM `rooms` WHERE `id` = ?;

-- off of rooms: look
SELECT `lamp`, `version`, 1, (SELECT `event` FROM `room_transitions` WHERE `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `to_state` FROM `room_transitions` WHERE `id` = ? AND `key` = ? LOCK IN SHARE MODE), (SELECT `key` FROM `room_transitions` WHERE `id` = ? AND `key` = ? LOCK IN SHARE MODE) FROM `rooms` WHERE `id` = ? LOCK IN SHARE MODE;

-- SQLite

-- pay of orders: take
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'unpaid' AND "version" IS NOT NULL RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- pay of orders: take at version
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'unpaid' AND "version" = ?3 RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- pay of orders: look and lock
SELECT "status", "version", 1 FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;

-- pay of orders: advance
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'unpaid' RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- pay of orders: written
SELECT "status", "version" FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2;

-- pay of orders: look
SELECT "status", "version", 1 FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;


-- release of orders: take
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'held' AND (total < 5000) IS TRUE AND "version" IS NOT NULL RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- release of orders: take at version
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'held' AND (total < 5000) IS TRUE AND "version" = ?3 RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- release of orders: look and lock
SELECT "status", "version", CASE WHEN (total < 5000) IS TRUE THEN 1 ELSE 0 END FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;

-- release of orders: advance
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'held' RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- release of orders: written
SELECT "status", "version" FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2;

-- release of orders: look
SELECT "status", "version", CASE WHEN (total < 5000) IS TRUE THEN 1 ELSE 0 END FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;


-- abandon of orders: look and lock
SELECT "status", "version", 1 FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;

-- abandon of orders: advance
UPDATE "orders" SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'held') RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- abandon of orders: written
SELECT "status", "version" FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2;

-- abandon of orders: look
SELECT "status", "version", 1 FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;


-- cancel of orders: look and lock
SELECT "status", "version", 1 FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;

-- cancel of orders: record
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'cancel', "status", 'cancelled', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "orders" WHERE "tenant" = ?4 AND "id" = ?5 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'paid') AND "version" IS NOT NULL ON CONFLICT DO NOTHING RETURNING "from_state";

-- cancel of orders: record at version
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'cancel', "status", 'cancelled', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "orders" WHERE "tenant" = ?4 AND "id" = ?5 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'paid') AND "version" = ?6 ON CONFLICT DO NOTHING RETURNING "from_state";

-- cancel of orders: record move
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'cancel', "status", 'cancelled', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "orders" WHERE "tenant" = ?4 AND "id" = ?5 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'paid') ON CONFLICT DO NOTHING RETURNING "from_state";

-- cancel of orders: advance
UPDATE "orders" SET "status" = 'cancelled', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'paid') RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- cancel of orders: written
SELECT "status", "version" FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2;

-- cancel of orders: look
SELECT "status", "version", 1, (SELECT "event" FROM "order_transitions" WHERE "tenant" = ?1 AND "id" = ?2 AND "key" = ?3), (SELECT "to_state" FROM "order_transitions" WHERE "tenant" = ?4 AND "id" = ?5 AND "key" = ?6), (SELECT "key" FROM "order_transitions" WHERE "tenant" = ?7 AND "id" = ?8 AND "key" = ?9) FROM "orders" WHERE "tenant" = ?10 AND "id" = ?11 AND "deleted_at" IS NULL;


-- settle of orders: look and lock
SELECT "status", "version", CASE WHEN (total > 1000) IS TRUE THEN 1 ELSE 0 END, 1 FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL;

-- settle of orders: record move
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'settle', "status", 'held', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "orders" WHERE "tenant" = ?4 AND "id" = ?5 AND "deleted_at" IS NULL AND rtrim("status") = 'unpaid' ON CONFLICT DO NOTHING RETURNING "from_state";

-- settle of orders: record move
INSERT INTO "order_transitions" ("id", "tenant", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", "tenant", 'settle', "status", 'paid', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "orders" WHERE "tenant" = ?4 AND "id" = ?5 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'held') ON CONFLICT DO NOTHING RETURNING "from_state";

-- settle of orders: advance
UPDATE "orders" SET "status" = 'held', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") = 'unpaid' RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- settle of orders: advance
UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant" = ?1 AND "id" = ?2 AND "deleted_at" IS NULL AND rtrim("status") IN ('unpaid', 'held') RETURNING "status", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- settle of orders: written
SELECT "status", "version" FROM "orders" WHERE "tenant" = ?1 AND "id" = ?2;

-- settle of orders: look
SELECT "status", "version", CASE WHEN (total > 1000) IS TRUE THEN 1 ELSE 0 END, 1, (SELECT "event" FROM "order_transitions" WHERE "tenant" = ?1 AND "id" = ?2 AND "key" = ?3), (SELECT "to_state" FROM "order_transitions" WHERE "tenant" = ?4 AND "id" = ?5 AND "key" = ?6), (SELECT "key" FROM "order_transitions" WHERE "tenant" = ?7 AND "id" = ?8 AND "key" = ?9) FROM "orders" WHERE "tenant" = ?10 AND "id" = ?11 AND "deleted_at" IS NULL;


-- abandon of lines: look and lock
SELECT "status", NULL, 1 FROM "lines" WHERE "id" = ?1 AND "article" = ?2;

-- abandon of lines: advance
UPDATE "lines" SET "status" = 'cancelled' WHERE "id" = ?1 AND "article" = ?2 AND rtrim("status") IN ('unpaid', 'held') RETURNING "status", NULL, CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'lines' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- abandon of lines: written
SELECT "status", NULL FROM "lines" WHERE "id" = ?1 AND "article" = ?2;

-- abandon of lines: look
SELECT "status", NULL, 1 FROM "lines" WHERE "id" = ?1 AND "article" = ?2;


-- open of rooms: look and lock
SELECT "door", "version", 1 FROM "rooms" WHERE "id" = ?1;

-- open of rooms: record
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'door.open', "door", 'open', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "rooms" WHERE "id" = ?4 AND rtrim("door") = 'closed' AND "version" IS NOT NULL ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING "from_state";

-- open of rooms: record at version
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'door.open', "door", 'open', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "rooms" WHERE "id" = ?4 AND rtrim("door") = 'closed' AND "version" = ?5 ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING "from_state";

-- open of rooms: record move
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'door.open', "door", 'open', "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "rooms" WHERE "id" = ?4 AND rtrim("door") = 'closed' ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING "from_state";

-- open of rooms: advance
UPDATE "rooms" SET "door" = 'open', "version" = "version" + 1 WHERE "id" = ?1 AND rtrim("door") = 'closed' RETURNING "door", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rooms' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- open of rooms: written
SELECT "door", "version" FROM "rooms" WHERE "id" = ?1;

-- open of rooms: look
SELECT "door", "version", 1, (SELECT "event" FROM "room_transitions" WHERE "id" = ?1 AND "key" = ?2), (SELECT "to_state" FROM "room_transitions" WHERE "id" = ?3 AND "key" = ?4), (SELECT "key" FROM "room_transitions" WHERE "id" = ?5 AND "key" = ?6) FROM "rooms" WHERE "id" = ?7;


-- off of rooms: look and lock
SELECT "lamp", "version", 1 FROM "rooms" WHERE "id" = ?1;

-- off of rooms: record
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'lamp.off', "lamp", -1, "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "rooms" WHERE "id" = ?4 AND "lamp" = 300 AND "version" IS NOT NULL ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING "from_state";

-- off of rooms: record at version
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'lamp.off', "lamp", -1, "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "rooms" WHERE "id" = ?4 AND "lamp" = 300 AND "version" = ?5 ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING "from_state";

-- off of rooms: record move
INSERT INTO "room_transitions" ("id", "event", "from_state", "to_state", "version", "key", "actor", "reason", "at") SELECT "id", 'lamp.off', "lamp", -1, "version" + 1, ?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM "rooms" WHERE "id" = ?4 AND "lamp" = 300 ON CONFLICT ("id", "key") WHERE "key" IS NOT NULL DO NOTHING RETURNING "from_state";

-- off of rooms: advance
UPDATE "rooms" SET "lamp" = -1, "version" = "version" + 1 WHERE "id" = ?1 AND "lamp" = 300 RETURNING "lamp", "version", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rooms' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- off of rooms: written
SELECT "lamp", "version" FROM "rooms" WHERE "id" = ?1;

-- off of rooms: look
SELECT "lamp", "version", 1, (SELECT "event" FROM "room_transitions" WHERE "id" = ?1 AND "key" = ?2), (SELECT "to_state" FROM "room_transitions" WHERE "id" = ?3 AND "key" = ?4), (SELECT "key" FROM "room_transitions" WHERE "id" = ?5 AND "key" = ?6) FROM "rooms" WHERE "id" = ?7;

