//! The tables of the entities, in each database.

pub(crate) const SQLITE: &str = "
CREATE TABLE orders (
    id INTEGER NOT NULL, tenant_id INTEGER NOT NULL, status TEXT NOT NULL, version INTEGER NOT NULL, address TEXT,
    quantity INTEGER NOT NULL, seen INTEGER NOT NULL, channel TEXT NOT NULL,
    total INTEGER NOT NULL GENERATED ALWAYS AS (quantity * 10) STORED,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE tickets (id TEXT PRIMARY KEY, state TEXT NOT NULL, \"order\" TEXT NOT NULL, is_deleted BOOLEAN NOT NULL);
CREATE TABLE rules (area TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (area, name));
CREATE TABLE notes (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    body TEXT NOT NULL, deleted_at TEXT);
";

pub(crate) const POSTGRES: &str = "
CREATE TABLE orders (
    id BIGINT NOT NULL, tenant_id BIGINT NOT NULL, status TEXT NOT NULL, version BIGINT NOT NULL, address TEXT,
    quantity INTEGER NOT NULL, seen INTEGER NOT NULL, channel TEXT NOT NULL,
    total INTEGER NOT NULL GENERATED ALWAYS AS (quantity * 10) STORED,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE tickets (id TEXT PRIMARY KEY, state TEXT NOT NULL, \"order\" TEXT NOT NULL, is_deleted BOOLEAN NOT NULL);
CREATE TABLE rules (area TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (area, name));
CREATE TABLE notes (
    id BIGINT PRIMARY KEY, number TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    body TEXT NOT NULL, deleted_at TIMESTAMPTZ);
";

pub(crate) const MYSQL: &str = "
CREATE TABLE orders (
    id BIGINT NOT NULL, tenant_id BIGINT NOT NULL, status VARCHAR(20) NOT NULL, version BIGINT NOT NULL,
    address VARCHAR(100), quantity INTEGER NOT NULL, seen INTEGER NOT NULL, channel VARCHAR(20) NOT NULL,
    total INTEGER GENERATED ALWAYS AS (quantity * 10) STORED,
    created_at TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01', updated_at TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01',
    PRIMARY KEY (tenant_id, id));
CREATE TABLE tickets (
    id VARCHAR(50) PRIMARY KEY, state VARCHAR(20) NOT NULL, `order` VARCHAR(50) NOT NULL, is_deleted BOOLEAN NOT NULL);
CREATE TABLE rules (
    area VARCHAR(50) NOT NULL, name VARCHAR(50) NOT NULL, value VARCHAR(50) NOT NULL, PRIMARY KEY (area, name));
CREATE TABLE notes (
    id BIGINT PRIMARY KEY, number VARCHAR(50) NOT NULL UNIQUE, slug VARCHAR(50) NOT NULL UNIQUE,
    version INTEGER NOT NULL, body VARCHAR(200) NOT NULL, deleted_at TIMESTAMP(6) NULL);
";
