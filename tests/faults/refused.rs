//! Outcomes that a server of MariaDB refuses, for good or for a while: the body has run, and does not run again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use idem::{Answer, Error, Operation, OutcomeLimit};
use idem_sqlx::MySqlStore;
use sqlx::mysql::MySqlPoolOptions;

use crate::database::{Kind, run};
use crate::server::Server;

const LEASE: Duration = Duration::from_secs(1);

/// A server of the test's own, and a store for its user `app`, whom a server that only reads stops.
async fn server(settings: &str) -> (Server, MySqlStore) {
    let server = Server::start(Kind::MySql);
    let pool = MySqlPoolOptions::new().connect(&server.url()).await.expect("the server answers");
    MySqlStore::new(pool.clone()).migrate().await.expect("the table can be made");
    pool.close().await;
    let user = "CREATE USER app@'127.0.0.1'; \
                GRANT SELECT, INSERT, UPDATE, DELETE ON test.idem_records TO app@'127.0.0.1';";
    run(Kind::MySql, &server.url(), &format!("{user} {settings}")).await;
    let url = format!("mysql://app@127.0.0.1:{}/test", server.port());
    let pool = MySqlPoolOptions::new().max_connections(4).connect(&url).await.expect("the server answers");
    (server, MySqlStore::new(pool))
}

async fn call(
    store: &MySqlStore,
    key: &str,
    runs: &AtomicU32,
    limit: OutcomeLimit,
    body: impl AsyncFnOnce() -> String,
) -> Result<Answer<String>, Error> {
    let operation = Operation::new("refused.mariadb", key).lease(LEASE).outcome_limit(limit);
    let body = async |_| {
        runs.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Error>(body().await)
    };
    operation.run(store, body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_ends_while_mariadb_only_reads_runs_once_and_its_outcome_is_stored() {
    let (server, store) = server("").await;
    let runs = AtomicU32::new(0);
    let url = server.url();
    let writing_again = async || {
        run(Kind::MySql, &url, "SET GLOBAL read_only = ON").await;
        let url = url.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            run(Kind::MySql, &url, "SET GLOBAL read_only = OFF").await;
        });
        "charged".to_owned()
    };
    let first = call(&store, "order", &runs, OutcomeLimit::default(), writing_again).await.expect("it has run");
    assert_eq!(first, Answer::Executed("charged".to_owned()));
    for _ in 0..2 {
        tokio::time::sleep(LEASE * 3 / 2).await;
        let again = call(&store, "order", &runs, OutcomeLimit::default(), async || "twice".to_owned()).await;
        let again = again.expect("its outcome is stored");
        assert_eq!(again, Answer::Replayed("charged".to_owned()));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_below_the_limit_fits_into_a_packet_of_a_mebibyte_and_one_of_two_leaves_a_mark() {
    let (_server, store) = server("SET GLOBAL max_allowed_packet = 1048576").await;

    // With what JSON puts around it, one byte below what is kept, of the kind that would be escaped as text.
    let fits = "'".repeat((960 << 10) - 3);
    let runs = AtomicU32::new(0);
    for expected in [Answer::Executed(fits.clone()), Answer::Replayed(fits.clone()), Answer::Replayed(fits.clone())] {
        let answer =
            call(&store, "order", &runs, OutcomeLimit::default(), async || fits.clone()).await.expect("it is kept");
        assert!(answer == expected, "not the answer, of {} bytes", answer.into_inner().len());
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);

    let (large, limit) = ("x".repeat(2 << 20), OutcomeLimit::marker(4 << 20));
    let runs = AtomicU32::new(0);
    let first = call(&store, "large", &runs, limit, async || large.clone()).await.expect("it has run");
    assert!(first == Answer::Executed(large.clone()));
    for _ in 0..2 {
        tokio::time::sleep(LEASE * 3 / 2).await;
        let again = call(&store, "large", &runs, limit, async || large.clone()).await.err();
        assert!(again.as_ref().is_some_and(Error::is_completed_without_outcome), "{again:?}");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}
