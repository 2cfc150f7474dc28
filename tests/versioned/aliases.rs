//! Rows that hold an alias of their state, as an older program wrote them, in a table whose updates are guarded by the state.

use idem::{SqliteStore, StateMachine, Transition, Versioned, Write};
use sqlx::{FromRow, SqlitePool};

#[derive(Versioned, FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "parcels")]
struct Parcel {
    #[versioned(id)]
    id: i64,
    #[versioned(state = "parcel")]
    status: ParcelStatus,
    #[versioned(state = "insurance")]
    insurance: Insurance,
    note: String,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Packed, rename_all = "snake_case")]
#[transition(send: Packed => Sent)]
#[transition(cancel: Packed => Cancelled)]
enum ParcelStatus {
    #[state(alias = "boxed", alias = "wrapped")]
    Packed,
    #[state(final)]
    Sent,
    #[state(final, alias = "canceled")]
    Cancelled,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Open, store = "int16")]
#[transition(settle: Open => Settled)]
enum Insurance {
    #[state(alias = 10)]
    Open = 1,
    #[state(final)]
    Settled = 2,
}

async fn parcel(folder: &tempfile::TempDir, status: &str, insurance: i16) -> (SqlitePool, Parcel) {
    let store = SqliteStore::open(folder.path().join("parcels.db")).await.expect("opens");
    let pool = store.pool().clone();
    let table = "CREATE TABLE parcels (id INTEGER PRIMARY KEY, status TEXT NOT NULL, insurance INTEGER NOT NULL, \
                 note TEXT NOT NULL)";
    sqlx::query(table).execute(&pool).await.expect("creates the table");
    let insert = sqlx::query("INSERT INTO parcels VALUES (7, ?, ?, '')").bind(status).bind(insurance);
    insert.execute(&pool).await.expect("inserts");
    let parcel = Parcel::load(7, &pool).await.expect("an answer").expect("a row");
    (pool, parcel)
}

fn noted(parcel: &Parcel) -> Parcel {
    Parcel { note: "fragile".to_owned(), ..parcel.clone() }
}

#[tokio::test]
async fn a_row_that_holds_an_alias_can_be_updated_and_deleted() {
    for (status, insurance) in [("packed", 1), ("boxed", 1), ("wrapped", 10), ("canceled", 10)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (pool, parcel) = parcel(&folder, status, insurance).await;
        let draft = noted(&parcel);
        let write = parcel.update_to(&draft, &pool).await.expect("an answer");
        assert_eq!(write, Write::Applied(draft.clone()), "{status} {insurance}");
        let stored: (String, i16) =
            sqlx::query_as("SELECT status, insurance FROM parcels").fetch_one(&pool).await.expect("a row");
        assert_eq!(stored, (status.to_owned(), insurance), "an update leaves the states as they are");
        draft.delete(&pool).await.and_then(idem::Deletion::accepted).expect("deletes");
        assert_eq!(Parcel::load(7, &pool).await.expect("an answer"), None);
    }
}

#[tokio::test]
async fn an_alias_of_another_state_stands_against_an_update() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pool, parcel) = parcel(&folder, "boxed", 10).await;
    let cancelled = Parcel::fire(7, parcel_status::Cancel).execute(&pool).await.expect("an answer");
    assert!(matches!(cancelled, Transition::Applied { .. }), "{cancelled:?}");
    sqlx::query("UPDATE parcels SET status = 'canceled'").execute(&pool).await.expect("writes the alias");
    let write = parcel.update_to(&noted(&parcel), &pool).await.expect("an answer");
    let found = Parcel { status: ParcelStatus::Cancelled, ..parcel.clone() };
    assert_eq!(write, Write::Conflict { expected: None, found });
}

#[tokio::test]
async fn a_change_that_cannot_fail_returns_nothing_and_another_names_its_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pool, parcel) = parcel(&folder, "packed", 1).await;
    let retry = idem::Retry::times(1);
    let write = Parcel::modify(&pool, 7, retry, |parcel| parcel.note.push_str("fragile")).await.expect("an answer");
    assert_eq!(write, Write::Applied(noted(&parcel)));
    let refused: Result<Write<Parcel>, Box<dyn std::error::Error + Send + Sync>> =
        Parcel::modify(&pool, 7, retry, |_| Err("sealed".into())).await;
    assert_eq!(refused.expect_err("refused").to_string(), "sealed");
}
