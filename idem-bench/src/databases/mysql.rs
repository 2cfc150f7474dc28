//! MariaDB, or MySQL.

use idem::Operation;
use idem_sqlx::{MySqlStore, in_transaction};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, MySqlConnection};

use super::{CONNECTIONS, Contender, Database, Mode, learn, sample};
use crate::by_hand::mysql::{Lean, Same};
use crate::by_hand::{BoxError, SAME_TABLE};
use crate::orders::{Order, Receipt, charge};

/// A MariaDB with a database of its own.
#[derive(Debug, Clone)]
pub struct MariaDb {
    lean: Lean,
    same: Same,
    idem: Idem,
}

impl MariaDb {
    /// Makes a database, and all tables in it.
    ///
    /// # Errors
    ///
    /// If the server is not there.
    pub async fn open(url: &str) -> Result<Self, BoxError> {
        let name = format!("bench_{:016x}", rand::random::<u64>());
        let options = url.parse::<MySqlConnectOptions>()?;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut options.connect().await?).await?;
        let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
        let pool = pool.connect_with(options.database(&name)).await?;
        let tables = format!("{}; {CHARGES}", Lean::TABLE);
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(&pool).await?;
        MySqlStore::with_table(pool.clone(), SAME_TABLE)?.migrate().await?;
        let idem = Idem(MySqlStore::new(pool.clone()));
        idem.0.migrate().await?;
        let lease = learn(Box::pin(idem.call(&sample(Mode::Lease)))).await?;
        let transaction = learn(Box::pin(idem.call_in_transaction(&sample(Mode::Transaction)))).await?;
        Ok(Self { lean: Lean(pool.clone()), same: Same { pool, lease, transaction }, idem })
    }
}

impl Database for MariaDb {
    const NAME: &str = "MariaDB";

    async fn call(&self, contender: Contender, mode: Mode, order: &Order) -> Result<Receipt, BoxError> {
        match (contender, mode) {
            (Contender::Lean, Mode::Lease) => self.lean.call(order).await,
            (Contender::Lean, Mode::Transaction) => self.lean.call_in_transaction(order).await,
            (Contender::Same, Mode::Lease) => self.same.call(order).await,
            (Contender::Same, Mode::Transaction) => self.same.call_in_transaction(order).await,
            (Contender::Idem, Mode::Lease) => self.idem.call(order).await,
            (Contender::Idem, Mode::Transaction) => self.idem.call_in_transaction(order).await,
        }
    }

    async fn log_bytes(&self) -> Result<u64, BoxError> {
        let written = "SHOW GLOBAL STATUS LIKE 'Innodb_os_log_written'";
        let (_, written): (String, String) = sqlx::query_as(written).fetch_one(&self.lean.0).await?;
        Ok(written.parse()?)
    }
}

/// What the body writes in a transaction. Each contender has a table of its own.
const CHARGES: &str = "
    CREATE TABLE charges_lean (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, amount BIGINT NOT NULL) ENGINE = InnoDB;
    CREATE TABLE charges_same (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, amount BIGINT NOT NULL) ENGINE = InnoDB;
    CREATE TABLE charges_idem (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, amount BIGINT NOT NULL) ENGINE = InnoDB;";

pub(crate) async fn pay(on: &mut MySqlConnection, contender: Contender, order: &Order) -> Result<(), BoxError> {
    let pay = sqlx::query(match contender {
        Contender::Lean => "INSERT INTO charges_lean (id, amount) VALUES (?, ?)",
        Contender::Same => "INSERT INTO charges_same (id, amount) VALUES (?, ?)",
        Contender::Idem => "INSERT INTO charges_idem (id, amount) VALUES (?, ?)",
    });
    pay.bind(&order.id).bind(i64::try_from(order.amount)?).execute(on).await?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Idem(MySqlStore);

impl Idem {
    async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let charge = async |_| Ok::<_, BoxError>(charge(order).await?);
        let operation = Operation::new("idem", &order.id).fingerprint(order);
        Ok(operation.run(&self.0, charge).await?.into_inner())
    }

    async fn call_in_transaction(&self, order: &Order) -> Result<Receipt, BoxError> {
        in_transaction(self.0.pool(), async |mut tx| {
            let operation = Operation::new("idem", &order.id).fingerprint(order);
            let charge = operation.run_in(&self.0, &mut *tx, async |mut tx, _| {
                let receipt = charge(order).await?;
                pay(&mut tx, Contender::Idem, order).await?;
                Ok::<_, BoxError>(receipt)
            });
            Ok::<_, BoxError>(charge.await?.into_inner())
        })
        .await
    }
}
