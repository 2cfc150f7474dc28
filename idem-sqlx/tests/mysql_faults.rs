//! Connections that are killed, and connections that count rows another way.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{Claim, ClaimDecision, ClaimRequest, Error, IssueDecision, Operation, Origin, Store, StoreError};
use idem_sqlx::MySqlStore;
use mysql_common::{FOREVER, blocked};
use sqlx::mysql::{MySqlPoolOptions, MySqlSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Claims again and again as long as the store says that it may have taken effect.
async fn claim_at_last(store: &MySqlStore, request: &ClaimRequest) -> Claim {
    for _ in 0..10 {
        match store.claim(request).await {
            Ok(ClaimDecision::Acquired(claim)) => return claim,
            Err(error) if error.is_retryable() => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("ten times in vain");
}

async fn kill(database: &Database, command: &str) {
    let sql = format!(
        "SELECT id FROM information_schema.processlist WHERE db = '{}' AND command = '{command}'",
        database.name()
    );
    for id in database.texts(&sql).await {
        database.execute(&format!("KILL {id}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn lost_claim_insert_ack_recognised_as_own() {
    let database = Database::migrated().await;
    let store = database.store().await;
    let wanted = request(&key("order"));
    let first = acquire(&store, &wanted).await;
    // All that the caller of a claim whose answer was lost has is its request.
    kill(&database, "Sleep").await;
    let again = claim_at_last(&store, &wanted).await;
    assert_eq!((again.origin, again.fence, again.attempt), (Origin::Repeated, first.fence, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_claim_that_is_killed_in_the_middle_is_retryable_and_can_be_repeated() {
    let database = Database::migrated().await;
    let [leading, claiming] = [database.store().await, database.store().await];
    let mut leader = leading.pool().begin().await.expect("a transaction");
    let led =
        Operation::new("payments.charge", "order").run_in(&leading, &mut leader, async |_tx, _| Ok::<_, Error>(1));
    led.await.expect("executed");

    let wanted = request(&key("order"));
    let (store, request) = (claiming.clone(), wanted.clone());
    let claim = tokio::spawn(async move { store.claim(&request).await });
    blocked(&database).await;
    kill(&database, "Execute").await;
    let error = tokio::time::timeout(FOREVER, claim).await.expect("an answer").expect("no panic").expect_err("killed");
    assert!(error.is_retryable(), "{error:?}");

    leader.rollback().await.expect("rolled back");
    assert_eq!(claim_at_last(&claiming, &wanted).await.attempt, 1);
}

/// Between a client and the server; unsets the capability by which a row counts as affected although nothing changed.
async fn without_found_rows(server: (String, u16)) -> u16 {
    const FOUND_ROWS: u8 = 2;

    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.expect("a server");
                let greeting = packet(&mut server).await;
                client.write_all(&greeting).await.expect("the client is there");
                let mut response = packet(&mut client).await;
                // After the header of four bytes, the capabilities begin with the lowest.
                assert_ne!(response[4] & FOUND_ROWS, 0, "sqlx asks for it");
                response[4] &= !FOUND_ROWS;
                server.write_all(&response).await.expect("the server is there");
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

/// A packet with its header.
async fn packet(from: &mut TcpStream) -> Vec<u8> {
    let mut packet = vec![0; 4];
    from.read_exact(&mut packet).await.expect("a header");
    let length = usize::from(packet[0]) | usize::from(packet[1]) << 8 | usize::from(packet[2]) << 16;
    packet.resize(4 + length, 0);
    from.read_exact(&mut packet[4..]).await.expect("a packet");
    packet
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_driver_that_counts_only_rows_that_changed_will_do() {
    let database = Database::migrated().await;
    let options = database.connect_options();
    let port = without_found_rows((options.get_host().to_owned(), options.get_port())).await;
    let options = options.port(port).ssl_mode(MySqlSslMode::Disabled);
    let pool = MySqlPoolOptions::new().max_connections(2).test_before_acquire(false).connect_with(options);
    let store = MySqlStore::new(pool.await.expect("a pool"));
    sqlx::raw_sql("CREATE TABLE same (one INT); INSERT INTO same VALUES (1)").execute(store.pool()).await.expect("SQL");
    let unchanged = sqlx::query("UPDATE same SET one = 1").execute(store.pool()).await.expect("SQL").rows_affected();
    assert_eq!(unchanged, 0, "the proxy works");

    let wanted = request(&key("order"));
    let first = acquire(&store, &wanted).await;
    // Each writes nothing new but the time, which may be that of the write before it.
    for _ in 0..300 {
        let again = acquire(&store, &wanted).await;
        assert_eq!((again.origin, again.fence), (Origin::Repeated, first.fence));
        store.extend(&first, HOUR).await.expect("the claim is held");
    }
    store.complete(&first, &outcome("1"), HOUR).await.expect("the claim is held");
    store.complete(&first, &outcome("1"), HOUR).await.expect("it was completed by this claim");
    assert_eq!(store.claim(&request(&key("order"))).await.expect("an answer"), ClaimDecision::Replay(outcome("1")));
}

/// One instant for all statements, as a clock that stands still would tell it: every write is the same write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_write_that_changes_nothing_ends() {
    let database = Database::migrated().await;
    let options = database.connect_options();
    let port = without_found_rows((options.get_host().to_owned(), options.get_port())).await;
    let options = options.port(port).ssl_mode(MySqlSslMode::Disabled);
    let pool = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await;
    let store = MySqlStore::new(pool.expect("a pool"));
    let wanted = request(&key("order"));
    let claim = acquire(&store, &wanted).await;
    sqlx::raw_sql("SET timestamp = UNIX_TIMESTAMP() + 1").execute(store.pool()).await.expect("the clock stands still");
    for _ in 0..3 {
        let extended = tokio::time::timeout(FOREVER, store.extend(&claim, HOUR)).await.expect("it ends");
        assert!(extended.is_ok() || extended.as_ref().is_err_and(StoreError::is_retryable), "{extended:?}");
        let again = tokio::time::timeout(FOREVER, store.claim(&wanted)).await.expect("it ends");
        let is_own = matches!(&again, Ok(ClaimDecision::Acquired(again)) if again.fence == claim.fence);
        assert!(is_own || again.as_ref().is_err_and(StoreError::is_retryable), "{again:?}");
    }
    sqlx::raw_sql("SET timestamp = DEFAULT").execute(store.pool()).await.expect("the clock goes on");
    store.extend(&claim, HOUR).await.expect("it is held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_transaction_that_is_dropped_while_it_begins_is_not_left_open_in_the_pool() {
    let database = Database::migrated().await;
    let mut dropped = 0;
    for round in 0..300 {
        let pool = database.pool(1).await;
        let transaction =
            idem_sqlx::in_transaction(&pool, async |_tx| std::future::pending::<Result<(), sqlx::Error>>().await);
        dropped += u32::from(tokio::time::timeout(Duration::from_micros(round * 3), transaction).await.is_err());
        let open: i64 =
            sqlx::query_scalar("SELECT CAST(@@in_transaction AS SIGNED)").fetch_one(&pool).await.expect("a flag");
        assert_eq!(open, 0, "round {round}");
        pool.close().await;
    }
    assert_eq!(dropped, 300);
}

/// What sqlx leaves behind when a `begin` of the application's own is dropped, and what a `BEGIN` by hand does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn nothing_is_written_into_a_transaction_that_somebody_left_open_in_the_pool() {
    let database = Database::migrated().await;
    let (store, other) = (MySqlStore::new(database.pool(1).await), database.store().await);
    if !database.texts("SELECT version()").await[0].contains("MariaDB") {
        return eprintln!("MySQL does not tell whether a transaction is open, so this holds on MariaDB only");
    }
    let leave_open = async || sqlx::raw_sql("BEGIN").execute(store.pool()).await.map(drop).expect("a transaction");
    for round in 0..3 {
        let request = request(&key(&round));
        leave_open().await;
        let claim = acquire(&store, &request).await;
        let seen = other.lookup(&request.key).await.expect("an answer").expect("it is committed");
        assert_eq!(seen.record.claim_id, Some(claim.claim_id));

        leave_open().await;
        store.extend(&claim, HOUR).await.expect("the claim is held");
        leave_open().await;
        store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
        let replayed = other.claim(&ClaimRequest { claim_id: idem_core::ClaimId::random(), ..request }).await;
        assert!(matches!(replayed, Ok(ClaimDecision::Replay(_))), "{replayed:?}");

        let token = key(&(round, "token"));
        for lifetime in [Duration::ZERO, HOUR] {
            leave_open().await;
            assert_eq!(store.issue(&token, lifetime).await.expect("it is free"), IssueDecision::Issued);
            let seen = other.lookup(&token).await.expect("an answer").expect("it is committed").record;
            assert_eq!(seen.expires_at, seen.updated_at + lifetime);
        }
    }
}
