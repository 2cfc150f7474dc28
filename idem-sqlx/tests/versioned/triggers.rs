//! Tables with triggers: the row that a write tells is the one that stands there after them.

use idem_sqlx::entity::{StoredIn, Versioned as _};

use crate::samples::Note;
use crate::{EntityTest, applied, common, inserted, tables};

common::on_each_database! {
    the_row_that_is_told_is_the_one_that_triggers_have_left
    the_row_that_is_told_in_a_transaction_is_the_one_that_triggers_have_left
}

/// Writes another body into each row that is written, and counts ten more versions.
async fn triggers<D: EntityTest>(database: &D) {
    let sql = match D::NAME {
        "postgres" => {
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                UPDATE notes SET body = body || '!', version = version + 10 WHERE id = NEW.id; RETURN NULL; END $$;
             CREATE TRIGGER touch AFTER INSERT OR UPDATE ON notes FOR EACH ROW WHEN (pg_trigger_depth() = 0)
             EXECUTE FUNCTION touch()"
        }
        "mysql" => {
            "CREATE TRIGGER touch_new BEFORE INSERT ON notes FOR EACH ROW
                SET NEW.body = CONCAT(NEW.body, '!'), NEW.version = NEW.version + 10;
             CREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW
                SET NEW.body = CONCAT(NEW.body, '!'), NEW.version = NEW.version + 10"
        }
        _ => {
            "CREATE TRIGGER touch_new AFTER INSERT ON notes BEGIN
                UPDATE notes SET body = body || '!', version = version + 10 WHERE id = NEW.id; END;
             CREATE TRIGGER touch AFTER UPDATE OF slug ON notes BEGIN
                UPDATE notes SET body = body || '!', version = version + 10 WHERE id = NEW.id; END"
        }
    };
    database.execute(sql).await;
}

async fn the_row_that_is_told_is_the_one_that_triggers_have_left<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    triggers(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    assert_eq!((note.version, note.body.as_str()), (11, "!"));
    let draft = Note { slug: "another".to_owned(), ..note.clone() };
    let note = applied(note.update_to(&draft, &pool).await.expect("an answer"));
    assert_eq!((note.version, note.body.as_str()), (22, "!!"));
    let draft = Note { slug: "a third".to_owned(), ..note.clone() };
    let note = applied(note.update_to(&draft, &pool).await.expect("no false conflict"));
    assert_eq!((note.version, note.body.as_str()), (33, "!!!"));
    let newer = Note { version: 40, ..note };
    let note = applied(newer.apply_newer(&pool).await.expect("an answer"));
    assert_eq!((note.version, note.body.as_str()), (50, "!!!!"));
    assert_eq!(Note::load(1, &pool).await.expect("an answer"), Some(note));
}

async fn the_row_that_is_told_in_a_transaction_is_the_one_that_triggers_have_left<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    triggers(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let note = inserted(Note::new(1, "N-1").insert_once(&mut tx).await.expect("an answer"));
    let draft = Note { slug: "another".to_owned(), ..note.clone() };
    let note = applied(note.update_to(&draft, &mut tx).await.expect("an answer"));
    assert_eq!((note.version, note.body.as_str()), (22, "!!"));
    assert_eq!(Note::load(1, &mut tx).await.expect("an answer"), Some(note));
    tx.commit().await.expect("a commit");
}
