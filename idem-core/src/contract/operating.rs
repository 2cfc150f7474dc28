//! What an operator is told, for stores that implement [`Operator`].

use std::collections::BTreeMap;

use crate::{Abandoned, AbandonedClaim, AsStore, ClaimRequest, Cursor, Operator, Resolution};

use super::support::{HOUR, acquire, acquire_and_lapse, outcome, request};

const PAGE: u32 = 3;
const LAPSED: u32 = 8;

/// Claims that lapsed under `refuse` or were given up are listed, page by page, and no others; and no longer once they are
/// settled. The store has no records but those of this case.
pub async fn what_waits_for_an_operator_is_listed<S: Operator + AsStore>(store: &S) {
    let mut waiting = BTreeMap::new();
    for number in 0..LAPSED {
        let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&("lapsed", number, "|}%\n")) };
        let claim = acquire_and_lapse(store, &refusing).await;
        waiting.insert(claim.key.text().to_owned(), claim);
    }
    let given_up = acquire(store, &request("given up")).await;
    store.abandon(&given_up).await.expect("it is held");
    waiting.insert(given_up.key.text().to_owned(), given_up);

    acquire_and_lapse(store, &request("lapsed to rerun")).await;
    acquire(store, &ClaimRequest { abandoned: Abandoned::Refuse, ..request("live") }).await;
    let done = acquire(store, &request("done")).await;
    store.complete(&done, &outcome("1"), HOUR).await.expect("it is held");

    let listed = all(store).await;
    assert!(listed.keys().eq(waiting.keys()), "{listed:?}");
    for (text, claim) in &waiting {
        let listed = &listed[text];
        let seen = store.lookup(&claim.key).await.expect("an answer").expect("it waits");
        assert_eq!((&listed.key, listed.claim_id, listed.attempts), (&claim.key, claim.claim_id, 1));
        assert_eq!(AbandonedClaim::of(&seen).as_ref(), Some(listed));
        store.resolve(&listed.key, listed.claim_id, &Resolution::Rerun).await.expect("it waited for that");
    }
    assert_eq!(all(store).await, BTreeMap::new());
    let unknown = store.abandoned(Some(&Cursor::from_stored("somebody else's")), PAGE).await;
    assert!(unknown.is_err_and(|error| error.is_refused()));
}

/// All pages, by the text of the key.
async fn all<S: Operator>(store: &S) -> BTreeMap<String, AbandonedClaim> {
    let (mut all, mut from) = (BTreeMap::new(), None);
    loop {
        let page = store.abandoned(from.as_ref(), PAGE).await.expect("an answer");
        all.extend(page.claims.into_iter().map(|claim| (claim.key.text().to_owned(), claim)));
        // A cursor may have been a text meanwhile.
        from = page.next.map(|next| Cursor::from_stored(next.as_str()));
        if from.is_none() {
            return all;
        }
    }
}
