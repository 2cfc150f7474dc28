//! What `#[derive(Versioned)]` writes, on SQLite: what counts as a change, what an update may not change, and that every
//! kind of column comes back as it was written.
#![cfg(feature = "sqlite")]

mod aliases;
mod generated;
mod line;

use idem::entity::{Role, SoftDeletion};
use idem::{InTenant, Insertion, Versioned, Write};

use line::{Line, Payment, Price, changed, line, pool};

#[test]
fn the_table_is_described_as_the_struct_says() {
    let table = Line::TABLE;
    assert_eq!((table.name, table.audit, table.natural), ("main.order lines", None, &["sku"][..]));
    let columns: Vec<_> = table.columns.iter().map(|column| (column.name, column.role)).collect();
    let expected = [
        ("shopId", Role::Tenant),
        ("orderId", Role::Id),
        ("numberInOrder", Role::Id),
        ("payment", Role::State(&[])),
        ("version", Role::Version),
        ("sku", Role::Readonly),
        ("isDeleted", Role::SoftDelete(SoftDeletion::Flag)),
        ("select", Role::Data),
        ("price", Role::Data),
        ("meta", Role::Data),
        ("note", Role::Data),
        ("weight", Role::Data),
        ("size", Role::Data),
        ("seen", Role::Data),
        ("total", Role::Generated),
    ];
    assert_eq!(columns, expected);
    assert_eq!(line().address(), InTenant(1, ("o-17".to_owned(), 2)));
    assert_eq!(line().version(), Some(1));
}

#[test]
fn a_changed_value_is_a_change() {
    assert!(line().is_unchanged(&line()));
    assert!(!line().is_unchanged(&changed(|line| line.r#type = None)));
    assert!(!line().is_unchanged(&changed(|line| line.price = Price(251))));
    assert!(!line().is_unchanged(&changed(|line| line.meta.tags.clear())));
    assert!(!line().is_unchanged(&changed(|line| line.note = Some(line.meta.clone()))));
    assert!(!line().is_unchanged(&changed(|line| line.weight = 0.1 + f64::EPSILON)));
}

#[test]
fn a_float_is_compared_by_its_bits_and_by_a_function_where_one_is_named() {
    let nan = changed(|line| line.weight = f64::NAN);
    assert!(nan.is_unchanged(&nan.clone()));
    let zero = changed(|line| line.weight = 0.0);
    assert!(!zero.is_unchanged(&changed(|line| line.weight = -0.0)));
    assert!(line().is_unchanged(&changed(|line| line.size += 0.001)));
    assert!(!line().is_unchanged(&changed(|line| line.size += 0.1)));
}

#[test]
fn what_is_ignored_or_no_column_is_no_change() {
    assert!(line().is_unchanged(&changed(|line| line.seen = 4)));
    assert!(line().is_unchanged(&changed(|line| line.cached = 1)));
    assert!(line().is_unchanged(&changed(|line| line.rank = Some(1))));
}

#[test]
fn what_is_always_written_is_always_a_change() {
    #[derive(Versioned, Clone)]
    #[versioned(table = "counters", last_write_wins)]
    struct Counter {
        #[versioned(id)]
        id: i64,
        #[versioned(always_write)]
        hits: i64,
    }

    let counter = Counter { id: 1, hits: 2 };
    assert!(!counter.is_unchanged(&counter.clone()));
    assert_eq!((counter.hits, counter.version(), counter.fixed_difference(&counter)), (2, None, None));
}

type Change = fn(&mut Line);

#[test]
fn a_difference_where_an_update_does_not_write_is_named() {
    assert_eq!(line().fixed_difference(&line()), None);
    assert_eq!(line().fixed_difference(&changed(|line| line.seen = 4)), None);
    let differences: [(&str, Change); 8] = [
        ("shop_id", |line| line.shop_id = 2),
        ("order_id", |line| line.order_id.clear()),
        ("number_in_order", |line| line.number_in_order = 3),
        ("payment", |line| line.payment = Payment::Paid),
        ("version", |line| line.version = 2),
        ("sku", |line| line.sku.clear()),
        ("is_deleted", |line| line.is_deleted = true),
        ("total", |line| line.total = 0),
    ];
    for (field, change) in differences {
        assert_eq!(line().fixed_difference(&changed(change)), Some(field));
    }
}

#[tokio::test]
async fn every_kind_of_column_comes_back_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let pool = pool(&folder).await;

    let Insertion::Inserted(inserted) = line().insert_once(&pool).await.expect("inserts") else {
        panic!("there is no row yet")
    };
    assert_eq!(inserted, line());

    let mut draft = inserted.clone();
    draft.r#type = None;
    draft.price = Price(300);
    draft.meta.counts.insert("\u{1F34E} \"quoted\"".to_owned(), u32::MAX);
    draft.note = Some(draft.meta.clone());
    draft.weight = 0.1 + 0.2;
    draft.seen = 4;
    let Write::Applied(updated) = inserted.update_to(&draft, &pool).await.expect("updates") else {
        panic!("nobody else writes")
    };
    assert_eq!(updated, Line { version: 2, total: 600, ..draft });

    let loaded = Line::load(line().address(), &pool).await.expect("loads");
    assert_eq!(loaded, Some(updated));
}

#[tokio::test]
async fn nullable_json_is_null_and_not_the_json_value_null() {
    let folder = tempfile::tempdir().expect("a folder");
    let pool = pool(&folder).await;
    let inserted = line().insert_once(&pool).await.expect("inserts");
    assert!(matches!(inserted, Insertion::Inserted(_)));
    let null: bool =
        sqlx::query_scalar(r#"SELECT note IS NULL FROM "order lines""#).fetch_one(&pool).await.expect("asks");
    assert!(null);
}

#[tokio::test]
async fn a_row_is_known_by_its_unique_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let pool = pool(&folder).await;
    assert!(matches!(line().insert_once(&pool).await.expect("inserts"), Insertion::Inserted(_)));

    let same_sku = changed(|line| line.order_id = "o-18".to_owned());
    let Insertion::Existing(existing) = same_sku.insert_once(&pool).await.expect("finds") else {
        panic!("the sku is there already")
    };
    assert_eq!(existing, line());
}

#[tokio::test]
async fn a_row_of_another_tenant_is_not_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let pool = pool(&folder).await;
    assert!(matches!(line().insert_once(&pool).await.expect("inserts"), Insertion::Inserted(_)));
    let elsewhere = Line::load(InTenant(2, ("o-17".to_owned(), 2)), &pool).await.expect("looks");
    assert_eq!(elsewhere, None);
}
