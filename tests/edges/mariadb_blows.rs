//! What befalls MariaDB. Workers are its user `app`, whom a server that only reads stops.

use async_trait::async_trait;
use idem_sqlx::MySqlStore;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, MySqlPool};

use crate::blow::Blow;
use crate::database::Database;
use crate::servers::Trouble;

#[derive(Default)]
pub(crate) struct MariaDb {
    /// Who holds the lock.
    locks: Option<MySqlConnection>,
}

const FOUND: &str = "
    CREATE USER app@'127.0.0.1';
    GRANT SELECT, INSERT, UPDATE, DELETE ON test.idem_records TO app@'127.0.0.1'";

#[async_trait]
impl Trouble for MariaDb {
    async fn found(url: &str) -> Self {
        let pool = MySqlPool::connect(url).await.expect("the server answers");
        MySqlStore::new(pool.clone()).migrate().await.expect("the table can be made");
        run(url, FOUND).await;
        Self::default()
    }

    fn database(port: u16) -> Database {
        Database::MySql { url: format!("mysql://app@127.0.0.1:{port}/test") }
    }

    async fn begin(&mut self, url: &str, blow: Blow) {
        match blow {
            Blow::KillConnections => drop(run(url, "KILL USER app").await),
            Blow::ReadOnly => drop(run(url, "SET GLOBAL read_only = ON").await),
            Blow::Forbidden => drop(run(url, "REVOKE UPDATE ON test.idem_records FROM app@'127.0.0.1'").await),
            Blow::Locked => self.locks = Some(run(url, "LOCK TABLES idem_records WRITE").await),
            Blow::TooMany => {
                run(url, "ALTER USER app@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1").await;
                run(url, "KILL USER app").await;
            }
            other => panic!("{other:?} does not befall it"),
        }
    }

    async fn end(&mut self, url: &str, blow: Blow) {
        match blow {
            Blow::ReadOnly => drop(run(url, "SET GLOBAL read_only = OFF").await),
            Blow::Forbidden => drop(run(url, "GRANT UPDATE ON test.idem_records TO app@'127.0.0.1'").await),
            Blow::Locked => drop(self.locks.take()),
            Blow::TooMany => drop(run(url, "ALTER USER app@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0").await),
            other => panic!("{other:?} does not last"),
        }
    }
}

async fn run(url: &str, statements: &str) -> MySqlConnection {
    let mut on = MySqlConnection::connect(url).await.expect("the server answers");
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut on).await.expect("the statements are right");
    on
}
