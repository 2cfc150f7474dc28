-- insert_once
SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'orders' COLLATE NOCASE) THEN (SELECT COUNT(*) FROM pragma_index_list('orders') AS list WHERE "unique" AND NOT EXISTS (SELECT 1 FROM pragma_index_info(list.name) AS part WHERE part.name COLLATE NOCASE NOT IN ('id', 'tenant_id'))) + (SELECT COALESCE(MIN(name COLLATE NOCASE IN ('id', 'tenant_id')), 0) FROM pragma_table_info('orders') WHERE pk > 0) END;
INSERT INTO "orders" ("id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "created_at", "updated_at") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')) ON CONFLICT DO NOTHING RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- insert_once, of a row that is there
INSERT INTO "orders" ("id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "created_at", "updated_at") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')) ON CONFLICT DO NOTHING RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "id" = ?1 AND "tenant_id" = ?2;

-- load
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2;

-- update_to, unchanged

-- update_to
UPDATE "orders" SET "address" = ?1, "quantity" = ?2, "seen" = ?3, "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant_id" = ?4 AND "id" = ?5 AND "version" = ?6 RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- update_to, a conflict
UPDATE "orders" SET "address" = ?1, "quantity" = ?2, "seen" = ?3, "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant_id" = ?4 AND "id" = ?5 AND "version" = ?6 RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2;

-- modify
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2;
UPDATE "orders" SET "address" = ?1, "quantity" = ?2, "seen" = ?3, "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant_id" = ?4 AND "id" = ?5 AND "version" = ?6 RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- update_many, one of two
UPDATE "orders" SET "address" = ?1, "quantity" = ?2, "seen" = ?3, "version" = "version" + 1, "updated_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE "tenant_id" = ?4 AND "id" = ?5 AND "version" = ?6 RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2;

-- apply_newer
UPDATE "orders" SET "status" = ?1, "version" = ?2, "address" = ?3, "quantity" = ?4, "seen" = ?5, "channel" = ?6, "created_at" = ?7, "updated_at" = ?8 WHERE "tenant_id" = ?9 AND "id" = ?10 AND "version" < ?11 RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- apply_newer, of an older one
UPDATE "orders" SET "status" = ?1, "version" = ?2, "address" = ?3, "quantity" = ?4, "seen" = ?5, "channel" = ?6, "created_at" = ?7, "updated_at" = ?8 WHERE "tenant_id" = ?9 AND "id" = ?10 AND "version" < ?11 RETURNING "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2;

-- delete, a conflict
DELETE FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2 AND "version" = ?3;
SELECT "id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2;

-- delete
DELETE FROM "orders" WHERE "tenant_id" = ?1 AND "id" = ?2 AND "version" = ?3;

-- update_to, guarded by a state
UPDATE "tickets" SET "order" = ?1 WHERE "id" = ?2 AND NOT "is_deleted" AND rtrim("state") = CAST(?3 AS TEXT) RETURNING "id", "state", "order", "is_deleted", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'tickets' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- delete, with a flag
UPDATE "tickets" SET "is_deleted" = TRUE WHERE "id" = ?1 AND NOT "is_deleted" AND rtrim("state") = CAST(?2 AS TEXT);

-- update_to, guarded by nothing
UPDATE "rules" SET "value" = ?1 WHERE "area" = ?2 AND "name" = ?3 RETURNING "area", "name", "value", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rules' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";
SELECT "area", "name", "value" FROM "rules" WHERE "area" = ?1 AND "name" = ?2;

-- insert_once, known by a number
SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'notes' COLLATE NOCASE) THEN (SELECT COUNT(*) FROM pragma_index_list('notes') AS list WHERE "unique" AND NOT EXISTS (SELECT 1 FROM pragma_index_info(list.name) AS part WHERE part.name COLLATE NOCASE NOT IN ('number'))) + (SELECT COALESCE(MIN(name COLLATE NOCASE IN ('number')), 0) FROM pragma_table_info('notes') WHERE pk > 0) END;
INSERT INTO "notes" ("id", "number", "slug", "version", "body", "deleted_at") VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING RETURNING "id", "number", "slug", "version", "body", "deleted_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'notes' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";

-- insert_once, of a number that is there
INSERT INTO "notes" ("id", "number", "slug", "version", "body", "deleted_at") VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING RETURNING "id", "number", "slug", "version", "body", "deleted_at", CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'notes' COLLATE NOCASE) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "number", "slug", "version", "body", "deleted_at" FROM "notes" WHERE "number" = ?1 AND "deleted_at" IS NULL;

-- delete, with a time
UPDATE "notes" SET "deleted_at" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), "version" = "version" + 1 WHERE "id" = ?1 AND "deleted_at" IS NULL AND "version" = ?2;
