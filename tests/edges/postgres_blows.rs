//! What befalls PostgreSQL. Workers are its user `app`, who owns nothing.

use async_trait::async_trait;
use idem_sqlx::PgStore;
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::blow::Blow;
use crate::database::Database;
use crate::servers::Trouble;

#[derive(Default)]
pub(crate) struct Postgres {
    /// Who holds the lock.
    locks: Option<PgConnection>,
}

const FOUND: &str = "
    CREATE ROLE app LOGIN;
    GRANT SELECT, INSERT, UPDATE, DELETE ON idem_records TO app;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$";
const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";
const FILL: &str = "
    CREATE TRIGGER no_room BEFORE UPDATE ON idem_records FOR EACH ROW
    WHEN (NEW.state = 'completed') EXECUTE FUNCTION refuse()";
const LOCK: &str = "BEGIN; LOCK TABLE idem_records IN ACCESS EXCLUSIVE MODE";
const READ_ONLY: &str = "ALTER SYSTEM SET default_transaction_read_only = on";
const WRITABLE: &str = "ALTER SYSTEM SET default_transaction_read_only = off";

#[async_trait]
impl Trouble for Postgres {
    async fn found(url: &str) -> Self {
        let pool = PgPool::connect(url).await.expect("the server answers");
        PgStore::new(pool.clone()).migrate().await.expect("the table can be made");
        run(url, FOUND).await;
        Self::default()
    }

    fn database(port: u16) -> Database {
        Database::Postgres { url: format!("postgres://app@127.0.0.1:{port}/postgres") }
    }

    async fn begin(&mut self, url: &str, blow: Blow) {
        match blow {
            Blow::KillConnections => drop(run(url, KILL).await),
            Blow::Full => drop(run(url, FILL).await),
            Blow::ReadOnly => configure(url, READ_ONLY).await,
            Blow::Forbidden => drop(run(url, "REVOKE UPDATE ON idem_records FROM app").await),
            Blow::Locked => self.locks = Some(run(url, LOCK).await),
            Blow::TooMany => {
                run(url, "ALTER ROLE app CONNECTION LIMIT 1").await;
                run(url, KILL).await;
            }
            other => panic!("{other:?} does not befall it"),
        }
    }

    async fn end(&mut self, url: &str, blow: Blow) {
        match blow {
            Blow::Full => drop(run(url, "DROP TRIGGER no_room ON idem_records").await),
            Blow::ReadOnly => configure(url, WRITABLE).await,
            Blow::Forbidden => drop(run(url, "GRANT UPDATE ON idem_records TO app").await),
            Blow::Locked => drop(self.locks.take()),
            Blow::TooMany => drop(run(url, "ALTER ROLE app CONNECTION LIMIT -1").await),
            other => panic!("{other:?} does not last"),
        }
    }
}

async fn configure(url: &str, setting: &'static str) {
    let mut on = run(url, setting).await;
    sqlx::raw_sql("SELECT pg_reload_conf()").execute(&mut on).await.expect("the statement is right");
}

async fn run(url: &str, statements: &'static str) -> PgConnection {
    let mut on = PgConnection::connect(url).await.expect("the server answers");
    sqlx::raw_sql(statements).execute(&mut on).await.expect("the statements are right");
    on
}
