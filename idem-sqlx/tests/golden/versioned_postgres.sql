-- insert_once
SELECT CASE WHEN relkind IN ('r', 'p') THEN (SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = c.oid AND indisunique AND NOT EXISTS (SELECT 1 FROM unnest(indkey) WITH ORDINALITY AS part (number, place) JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = number WHERE place <= indnkeyatts AND attname NOT IN ('id', 'tenant_id'))) END FROM pg_catalog.pg_class AS c WHERE c.oid = to_regclass('"orders"');
INSERT INTO "orders" ("id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "created_at", "updated_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
COMMIT;

-- insert_once, of a row that is there
INSERT INTO "orders" ("id", "tenant_id", "status", "version", "address", "quantity", "seen", "channel", "created_at", "updated_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "id" = $1 AND "tenant_id" = $2;

-- load
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2;

-- update_to, unchanged

-- update_to
UPDATE "orders" SET "address" = $1, "quantity" = $2, "seen" = $3, "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant_id" = $4 AND "id" = $5 AND "version" = $6 RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- update_to, a conflict
UPDATE "orders" SET "address" = $1, "quantity" = $2, "seen" = $3, "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant_id" = $4 AND "id" = $5 AND "version" = $6 RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2;

-- modify
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2;
UPDATE "orders" SET "address" = $1, "quantity" = $2, "seen" = $3, "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant_id" = $4 AND "id" = $5 AND "version" = $6 RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- update_many, one of two
UPDATE "orders" SET "address" = $1, "quantity" = $2, "seen" = $3, "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP WHERE "tenant_id" = $4 AND "id" = $5 AND "version" = $6 RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2;
COMMIT;

-- apply_newer
UPDATE "orders" SET "status" = $1, "version" = $2, "address" = $3, "quantity" = $4, "seen" = $5, "channel" = $6, "created_at" = $7, "updated_at" = $8 WHERE "tenant_id" = $9 AND "id" = $10 AND "version" < $11 RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- apply_newer, of an older one
UPDATE "orders" SET "status" = $1, "version" = $2, "address" = $3, "quantity" = $4, "seen" = $5, "channel" = $6, "created_at" = $7, "updated_at" = $8 WHERE "tenant_id" = $9 AND "id" = $10 AND "version" < $11 RETURNING "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "orders".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2;

-- delete, a conflict
DELETE FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 AND "version" = $3;
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2;

-- delete
DELETE FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 AND "version" = $3;

-- update_to, guarded by a state
UPDATE "tickets" SET "order" = $1 WHERE "id" = $2 AND NOT "is_deleted" AND rtrim(CAST("state" AS text)) COLLATE "C" = CAST($3 AS text) RETURNING "id", CAST("state" AS text) AS "state", "order", "is_deleted", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "tickets".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";

-- delete, with a flag
UPDATE "tickets" SET "is_deleted" = TRUE WHERE "id" = $1 AND NOT "is_deleted" AND rtrim(CAST("state" AS text)) COLLATE "C" = CAST($2 AS text);

-- update_to, guarded by nothing
UPDATE "rules" SET "value" = $1 WHERE "area" = $2 AND "name" = $3 RETURNING "area", "name", "value", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "rules".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
SELECT "area", "name", "value" FROM "rules" WHERE "area" = $1 AND "name" = $2;
COMMIT;

-- insert_once, known by a number
SELECT CASE WHEN relkind IN ('r', 'p') THEN (SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = c.oid AND indisunique AND NOT EXISTS (SELECT 1 FROM unnest(indkey) WITH ORDINALITY AS part (number, place) JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = number WHERE place <= indnkeyatts AND attname NOT IN ('number'))) END FROM pg_catalog.pg_class AS c WHERE c.oid = to_regclass('"notes"');
INSERT INTO "notes" ("id", "number", "slug", "version", "body", "deleted_at") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING "id", "number", "slug", "version", "body", "deleted_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "notes".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
COMMIT;

-- insert_once, of a number that is there
INSERT INTO "notes" ("id", "number", "slug", "version", "body", "deleted_at") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING "id", "number", "slug", "version", "body", "deleted_at", CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = "notes".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)) THEN 1 ELSE 0 END AS "idem_after";
SELECT "id", "number", "slug", "version", "body", "deleted_at" FROM "notes" WHERE "number" = $1 AND "deleted_at" IS NULL;

-- delete, with a time
UPDATE "notes" SET "deleted_at" = CURRENT_TIMESTAMP, "version" = "version" + 1 WHERE "id" = $1 AND "deleted_at" IS NULL AND "version" = $2;

-- for_update
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 FOR UPDATE;

-- for_update, nowait
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 FOR UPDATE NOWAIT;

-- for_update, skip_locked
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 FOR UPDATE SKIP LOCKED;

-- for_share
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 FOR SHARE;

-- for_share, nowait
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 FOR SHARE NOWAIT;

-- for_share, skip_locked
SELECT "id", "tenant_id", CAST("status" AS text) AS "status", "version", "address", "quantity", "seen", "channel", "total", "created_at", "updated_at" FROM "orders" WHERE "tenant_id" = $1 AND "id" = $2 FOR SHARE SKIP LOCKED;
