//! What the buyer does, and what others try.

use tokio::task::JoinSet;

use crate::Failure;
use crate::shop::{CheckoutError, Form, Receipt, Shop, User};

const ALICE: User = User("alice");
const MALLORY: User = User("mallory");
const CENTS: u64 = 1250;
const CLICKS: usize = 10;

type Answer = Result<Receipt, CheckoutError>;

/// Tells it, and says whether it ended well.
pub async fn tell(shop: Shop) -> Result<bool, Failure> {
    let form = shop.form(&ALICE, CENTS).await?;
    println!("alice loads the form; it carries the token {}", form.token);

    let first = click(&shop, "alice clicks", &ALICE, &form).await;
    let clicks = at_once(&shop, &form).await?;
    let unknown = tries(&shop, &form).await;
    let changed = Form { cents: 1, ..form.clone() };
    let cheaper = click(&shop, "alice pays one cent with it", &ALICE, &changed).await;
    let late = click(&shop, "alice clicks once more", &ALICE, &form).await;

    let (asked, charges) = shop.bank.books();
    println!("the bank was asked {asked} times, and charged {charges:?}");
    let receipt = Receipt { number: 1 };
    let is_receipt = |answer: &Answer| matches!(answer, Ok(got) if *got == receipt);
    let checks = [
        ("the failed charge left the token usable", matches!(first, Err(CheckoutError::BankIsAway))),
        ("all clicks got the one receipt", clicks.iter().chain([&late]).all(is_receipt)),
        ("forged and foreign tokens are unknown", unknown.iter().all(|answer| is(answer, idem::Error::is_not_issued))),
        ("another amount is refused", is(&cheaper, idem::Error::is_mismatch)),
        ("the bank charged once", (asked, charges) == (2, vec![(ALICE.0, CENTS)])),
    ];
    for (what, holds) in checks {
        println!("{} {what}", if holds { "ok  " } else { "NOT " });
    }
    Ok(checks.iter().all(|(_, holds)| *holds))
}

/// An impatient buyer.
async fn at_once(shop: &Shop, form: &Form) -> Result<Vec<Answer>, Failure> {
    let mut clicks = JoinSet::new();
    for number in 1..=CLICKS {
        let (shop, form) = (shop.clone(), form.clone());
        clicks.spawn(async move {
            click(&shop, &format!("alice clicks, {number} of {CLICKS} at once"), &ALICE, &form).await
        });
    }
    let mut answers = Vec::new();
    while let Some(answer) = clicks.join_next().await {
        answers.push(answer?);
    }
    Ok(answers)
}

/// What should not work.
async fn tries(shop: &Shop, form: &Form) -> Vec<Answer> {
    let mut answers = vec![click(shop, "mallory uses alice's token", &MALLORY, form).await];
    for token in ["0123456789ABCDEFGHIJKL", "zzzzzzzzzzzzzzzzzzzzzz", "", "'; DROP TABLE orders; --"] {
        let forged = Form { token: token.to_owned(), ..form.clone() };
        answers.push(click(shop, &format!("mallory makes up {token:?}"), &MALLORY, &forged).await);
    }
    answers
}

async fn click(shop: &Shop, what: &str, user: &User, form: &Form) -> Answer {
    let answer = shop.pay(user, form).await;
    match &answer {
        Ok(Receipt { number }) => println!("{what}: receipt {number}"),
        Err(error) => println!("{what}: {}", error.page()),
    }
    answer
}

fn is(answer: &Answer, what: impl Fn(&idem::Error) -> bool) -> bool {
    matches!(answer, Err(CheckoutError::Idem(error)) if what(error))
}
