//! With `token = …` the key is one that the server issued: nothing else runs the body.

use idem::{Error, Token, Tokens, idempotent};
use serde::{Deserialize, Serialize};

use super::World;
use super::ledger::{Ledger, LedgerError, SqliteTransaction, enter};

/// What the client sends, as the framework reads it.
#[derive(Debug, Serialize, Deserialize)]
struct Form {
    token: Token,
    amount: u64,
}

/// One function for all: those who know their user, and those who do not.
#[idempotent(store = world.idem, scope = "tests.pay", token = form.token.of(user), fingerprint = form.amount)]
async fn pay(world: &World, user: &str, form: &Form) -> Result<u32, Error> {
    Ok(world.run())
}

impl World {
    async fn form(&self, user: &str, amount: u64) -> Form {
        let token = Tokens::new(&self.idem, "tests.pay").issue_to(user).await.unwrap();
        Form { token, amount }
    }
}

#[tokio::test]
async fn a_token_is_used_once_and_replays() {
    let world = World::new();
    let form = world.form("alice", 100).await;
    assert_eq!(pay(&world, "alice", &form).await.unwrap(), 1);
    assert_eq!(pay(&world, "alice", &form).await.unwrap(), 1);
    let other = Form { amount: 101, ..form };
    assert!(pay(&world, "alice", &other).await.unwrap_err().is_mismatch());
    assert_eq!(pay(&world, "alice", &world.form("alice", 100).await).await.unwrap(), 2);
    assert_eq!(world.runs(), 2);
}

#[tokio::test]
async fn tokens_are_issued_and_used_on_any_thread() {
    let world = World::new();
    let issuing = world.clone();
    let form = tokio::spawn(async move { issuing.form("alice", 100).await }).await.unwrap();
    let paying = world.clone();
    assert_eq!(tokio::spawn(async move { pay(&paying, "alice", &form).await }).await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn the_tokens_of_others_are_unknown() {
    let world = World::new();
    let form = world.form("alice", 100).await;
    let forged = Form { token: "1234567890123456789012".parse().unwrap(), amount: 100 };
    for (user, form) in [("mallory", &form), ("alice", &forged)] {
        assert!(pay(&world, user, form).await.unwrap_err().is_not_issued());
    }
    assert_eq!((world.runs(), world.idem.len()), (0, 1), "nothing ran, and there is the one record that was issued");
}

#[tokio::test]
async fn a_text_of_the_clients_is_parsed_in_the_call_and_is_unknown_if_it_is_no_token() {
    #[idempotent(store = world.idem, scope = "tests.pay", token = text.parse::<Token>()?.of(user))]
    async fn pay_by_text(world: &World, user: &str, text: String) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let form = world.form("alice", 100).await;
    assert_eq!(pay_by_text(&world, "alice", form.token.to_string()).await.unwrap(), 1);
    let unknown = pay_by_text(&world, "mallory", form.token.to_string()).await.unwrap_err().to_string();
    let hostile = ["", "'", "\0", "ünknown", "zzzzzzzzzzzzzzzzzzzzzz", "000000000000000000000é", &"0".repeat(1 << 20)];
    for text in hostile {
        let error = pay_by_text(&world, "alice", text.to_owned()).await.unwrap_err();
        assert!(error.is_not_issued());
        assert_eq!(error.to_string(), unknown);
    }
    assert_eq!((world.runs(), world.idem.len()), (1, 1));
}

#[tokio::test]
async fn a_token_for_anyone_needs_no_user() {
    #[idempotent(store = world.idem, scope = "tests.subscribe", token = token.of_anyone())]
    async fn subscribe(world: &World, token: Token) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let token = Tokens::new(&world.idem, "tests.subscribe").issue_to_anyone().await.unwrap();
    assert_eq!(subscribe(&world, token).await.unwrap(), 1);
    assert_eq!(subscribe(&world, token).await.unwrap(), 1);
    let foreign = world.form("alice", 100).await.token;
    assert!(subscribe(&world, foreign).await.unwrap_err().is_not_issued(), "a token of another operation");
}

#[tokio::test]
async fn who_has_no_name_is_refused_before_anything_happens() {
    let world = World::new();
    let form = world.form("alice", 100).await;
    assert!(pay(&world, "", &form).await.unwrap_err().is_misuse());
    assert!(Tokens::new(&world.idem, "tests.pay").issue_to("").await.unwrap_err().is_misuse());
    assert_eq!((world.runs(), world.idem.len()), (0, 1));
}

#[tokio::test]
async fn a_token_goes_through_a_form_as_text_and_through_logs_as_nothing() {
    let form = World::new().form("alice", 100).await;
    let text = form.token.to_string();
    let json = serde_json::to_string(&form).unwrap();
    assert_eq!(json, format!(r#"{{"token":"{text}","amount":100}}"#));
    assert_eq!(serde_json::from_str::<Form>(&json).unwrap().token, form.token);
    assert!(text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
    let shown = format!("{form:?} {:?}", form.token.of("alice"));
    assert!(!shown.contains(&text) && !shown.contains("alice"), "{shown}");

    let errors = ["\"\"", "\"short\"", "\"zzzzzzzzzzzzzzzzzzzzzz\""]
        .map(|json| serde_json::from_str::<Token>(json).unwrap_err().to_string());
    for error in errors {
        assert!(error.starts_with("the token is unknown or has expired"), "{error}");
    }
    assert!(serde_json::from_str::<Token>("17").is_err());
}

impl Ledger {
    #[idempotent(store = self.idem, scope = "tests.enter", token = token.of(user), tx = tx)]
    async fn enter_once(&self, tx: &mut SqliteTransaction<'_>, user: u64, token: Token) -> Result<i64, LedgerError> {
        Ok(enter(tx, 1).await?)
    }
}

#[tokio::test]
async fn a_token_is_claimed_inside_the_callers_transaction() {
    let (ledger, _folder) = Ledger::open().await;
    let token = Tokens::new(&ledger.idem, "tests.enter").issue_to(17).await.unwrap();
    let mut tx = ledger.begin().await;
    assert_eq!(ledger.enter_once(&mut tx, 17, token).await.unwrap(), 1);
    tx.rollback().await.unwrap();

    let mut tx = ledger.begin().await;
    assert!(ledger.enter_once(&mut tx, 18, token).await.unwrap_err().idem().is_not_issued());
    assert_eq!(ledger.enter_once(&mut tx, 17, token).await.unwrap(), 1, "the rollback gave the token back");
    tx.commit().await.unwrap();

    let mut tx = ledger.begin().await;
    assert_eq!(ledger.enter_once(&mut tx, 17, token).await.unwrap(), 1, "replayed");
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 1);
}
