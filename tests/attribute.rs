//! What `#[idempotent]` makes of a function: every shape of function runs once per key and replays, every option does what
//! its row says. Mistakes are in `tests/ui`, shadowed names and lints in `tests/hygiene.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::mixed_attributes_style,
    reason = "tests: a panic is a failure; and attributes of both styles are tested"
)]

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use idem::{Error, MemoryStore, Store, idempotent};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A store, and a count of how often bodies ran.
#[derive(Clone)]
struct World {
    idem: MemoryStore,
    runs: Arc<AtomicU32>,
}

impl World {
    fn new() -> Self {
        Self { idem: MemoryStore::new(), runs: Arc::default() }
    }

    /// Counts a run, and says which one it is.
    fn run(&self) -> u32 {
        self.runs.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    id: u64,
    run: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum PayError {
    Declined(u32),
    Unreachable(u32),
    Idem(String),
}

impl PayError {
    fn is_final(&self) -> bool {
        matches!(self, Self::Declined(_))
    }
}

impl From<Error> for PayError {
    fn from(error: Error) -> Self {
        Self::Idem(error.to_string())
    }
}

// --- arguments and keys ---

#[tokio::test]
async fn arbitrary_args_preserved() {
    #[idempotent(store = world.idem, key = (&name, id))]
    async fn charge_with(
        world: &World,
        id: u64,
        name: String,
        (left, [right, ..]): (u8, [u8; 3]),
        Receipt { id: inner, .. }: Receipt,
        _: bool,
        mut amounts: Vec<u32>,
    ) -> Result<(u64, String, u8, u8, u64, Vec<u32>, u32), Error> {
        amounts.push(9);
        Ok((id, name, left, right, inner, amounts, world.run()))
    }

    let world = World::new();
    let receipt = Receipt { id: 5, run: 0 };
    let call = async |id, left| {
        charge_with(&world, id, "a".into(), (left, [3, 4, 5]), receipt.clone(), true, vec![7]).await.unwrap()
    };
    let first = call(1, 2).await;
    assert_eq!(first, (1, "a".into(), 2, 3, 5, vec![7, 9], 1));
    assert_eq!(call(1, 200).await, first, "only the key tells calls apart");
    assert_eq!(call(2, 200).await.2, 200);
    assert_eq!(world.runs(), 2);
}

#[tokio::test]
async fn parts_of_a_key_may_stand_behind_a_reference() {
    struct Order {
        merchant: String,
        number: (u64, String),
    }

    #[idempotent(store = world.idem, key = (order.merchant, (order.number.0, order.number.1)), fingerprint = (order.merchant, order.number))]
    async fn charge_order(world: &World, order: &Order) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let order = Order { merchant: "acme".into(), number: (1, "b".into()) };
    assert_eq!(charge_order(&world, &order).await.unwrap(), 1);
    assert_eq!(charge_order(&world, &order).await.unwrap(), 1);
    let other = Order { merchant: "acme".into(), number: (1, "c".into()) };
    assert_eq!(charge_order(&world, &other).await.unwrap(), 2);
}

#[tokio::test]
async fn key_args_evaluated_once_before_body() {
    #[idempotent(store = world.idem, key = { events.lock().unwrap().push("key"); id })]
    async fn charge_guarded(world: &World, events: &Mutex<Vec<&'static str>>, id: u64) -> Result<u32, Error> {
        events.lock().unwrap().push("body");
        Ok(world.run())
    }

    let world = World::new();
    let events = Mutex::default();
    charge_guarded(&world, &events, 1).await.unwrap();
    assert_eq!(*events.lock().unwrap(), ["key", "body"]);
    charge_guarded(&world, &events, 1).await.unwrap();
    assert_eq!(*events.lock().unwrap(), ["key", "body", "key"]);
}

#[tokio::test]
async fn error_in_key_expression() {
    #[idempotent(store = world.idem, key = id.ok_or(PayError::Declined(0))?)]
    async fn charge_some(world: &World, id: Option<u64>) -> Result<u32, PayError> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(charge_some(&world, None).await, Err(PayError::Declined(0)));
    assert_eq!(world.runs(), 0);
    assert_eq!(charge_some(&world, Some(1)).await, Ok(1));
}

#[tokio::test]
async fn input_mutated_by_body() {
    #[idempotent(store = world.idem, key = names[0], fingerprint = (id, names))]
    async fn charge_and_change(world: &World, mut id: u64, names: &mut Vec<String>) -> Result<(u64, u32), Error> {
        names[0] = "other".into();
        id += 1;
        Ok((id, world.run()))
    }

    let world = World::new();
    let mut names = vec!["ada".to_owned()];
    assert_eq!(charge_and_change(&world, 1, &mut names).await.unwrap(), (2, 1));
    assert_eq!(names, ["other"]);
    assert_eq!(
        charge_and_change(&world, 1, &mut vec!["ada".to_owned()]).await.unwrap(),
        (2, 1),
        "under the key that it claimed"
    );
    assert_eq!(charge_and_change(&world, 1, &mut names).await.unwrap(), (2, 2), "not under what the body made of it");
}

// --- receivers, generics, lifetimes ---

struct Service {
    idem: Arc<dyn Store>,
    runs: AtomicU32,
}

impl Service {
    fn new() -> Self {
        Self { idem: Arc::new(MemoryStore::new()), runs: AtomicU32::new(0) }
    }

    fn run(&self) -> u32 {
        self.runs.fetch_add(1, Ordering::SeqCst) + 1
    }

    #[idempotent(store = self.idem, key = id)]
    async fn by_ref(&self, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, key = id)]
    async fn by_mut(&mut self, id: u64) -> Result<u32, Error> {
        *self.runs.get_mut() += 1;
        Ok(*self.runs.get_mut())
    }

    #[idempotent(store = self.idem, key = id)]
    async fn by_arc(self: Arc<Self>, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, key = id)]
    async fn by_pin(self: Pin<&mut Self>, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, key = id)]
    async fn by_value(self, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = service.idem, key = id)]
    async fn without_self(service: &Self, id: u64) -> Result<u32, Error> {
        Ok(service.run())
    }
}

#[tokio::test]
async fn methods_self_by_ref_mut_arc() {
    let mut service = Service::new();
    let idem = service.idem.clone();
    for _ in 0..2 {
        assert_eq!(service.by_ref(1).await.unwrap(), 1);
        assert_eq!(service.by_mut(1).await.unwrap(), 2);
        assert_eq!(Pin::new(&mut service).by_pin(1).await.unwrap(), 3);
        assert_eq!(Service::without_self(&service, 1).await.unwrap(), 4);
    }
    assert_eq!(service.by_value(1).await.unwrap(), 5);
    let service = Arc::new(Service { idem: idem.clone(), runs: AtomicU32::new(100) });
    assert_eq!(service.clone().by_arc(1).await.unwrap(), 101);
    assert_eq!(service.by_arc(1).await.unwrap(), 101);
    let again = Service { idem, runs: AtomicU32::new(200) };
    assert_eq!(again.by_value(1).await.unwrap(), 5);
}

#[tokio::test]
async fn generics_lifetimes_impl_trait_args() {
    struct Named<'a, const N: usize> {
        world: &'a World,
        name: &'a str,
    }

    impl<'a, const N: usize> Named<'a, N> {
        #[idempotent(store = self.world.idem, key = (self.name, N, prefix.as_ref()))]
        async fn charge_named<'b, S, const M: usize>(
            &'b self,
            prefix: S,
            by: impl Fn(u32) -> u32 + 'b,
            rest: [&'a str; M],
        ) -> Result<(String, u32), Error>
        where
            S: AsRef<str> + Clone + 'b,
            'a: 'b,
        {
            Ok((format!("{}{}{N}{M}{rest:?}", prefix.as_ref(), self.name), by(self.world.run())))
        }
    }

    let world = World::new();
    let named = Named::<'_, 2> { world: &world, name: "ada" };
    let first = named.charge_named("x", |run| run * 10, ["y"]).await.unwrap();
    assert_eq!(first, ("xada21[\"y\"]".to_owned(), 10));
    assert_eq!(named.charge_named("x".to_owned(), |run| run * 20, []).await.unwrap(), first);
    let named = Named::<'_, 3> { world: &world, name: "ada" };
    assert_eq!(named.charge_named("x", |run| run * 10, []).await.unwrap().1, 20);
}

#[tokio::test]
async fn generic_result_type() {
    #[idempotent(store = world.idem, key = id)]
    async fn produce<T: Serialize + DeserializeOwned>(
        world: &World,
        id: u64,
        make: impl FnOnce(u32) -> T,
    ) -> Result<Vec<Option<T>>, Error> {
        Ok(vec![Some(make(world.run())), None])
    }

    let world = World::new();
    for _ in 0..2 {
        assert_eq!(produce(&world, 1, |run| Receipt { id: 1, run }).await.unwrap()[0].as_ref().unwrap().run, 1);
        assert_eq!(produce(&world, 2, |run| format!("run {run}")).await.unwrap(), [Some("run 2".to_owned()), None]);
    }
}

#[tokio::test]
async fn aliases_of_result_are_results() {
    type Result<T, E = PayError> = std::result::Result<T, E>;
    type Boxed<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
    type Nothing = std::result::Result<(), Error>;

    #[idempotent(store = world.idem, key = 1)]
    async fn default_error(world: &World) -> Result<u32> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1)]
    async fn other_error(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1)]
    async fn boxed_error(world: &World, fails: bool) -> Boxed<u32> {
        world.run();
        if fails {
            return Err("failed".into());
        }
        let number = "7".parse::<u32>()?;
        if number == 8 { Err(Box::new(std::fmt::Error)) } else { Ok(number) }
    }

    #[idempotent(store = world.idem, key = 1, errors = keep)]
    async fn kept_in_alias(world: &World) -> Result<u32> {
        Err(PayError::Declined(world.run()))
    }

    #[idempotent(store = world.idem, key = 1)]
    async fn nothing(world: &World) -> Nothing {
        world.run();
        Ok(())
    }

    let world = World::new();
    for _ in 0..2 {
        assert_eq!(default_error(&world).await, Ok(1));
        assert_eq!(other_error(&world).await.unwrap(), 2);
        nothing(&world).await.unwrap();
        assert_eq!(kept_in_alias(&world).await, Err(PayError::Declined(4)));
    }
    assert_eq!(boxed_error(&world, true).await.unwrap_err().to_string(), "failed");
    assert_eq!(boxed_error(&world, false).await.unwrap(), 7);
    assert_eq!(world.runs(), 6);
}

#[tokio::test]
async fn send_future_preserved() {
    #[idempotent(store = world.idem, key = *guarded.lock().unwrap())]
    async fn charge_elsewhere(world: &World, guarded: &Mutex<u64>) -> Result<u32, Error> {
        tokio::task::yield_now().await;
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = *id)]
    async fn not_send(world: &World, id: std::rc::Rc<u64>) -> Result<u32, Error> {
        tokio::task::yield_now().await;
        Ok(world.run() + u32::from(*id == 0))
    }

    fn assert_send<T: Send>(value: T) -> T {
        value
    }

    let world = World::new();
    let spawned = world.clone();
    // The guard in the key is dropped before the body runs: a `MutexGuard` across an await is not `Send`.
    let task = tokio::spawn(async move { assert_send(charge_elsewhere(&spawned, &Mutex::new(1))).await });
    assert_eq!(task.await.unwrap().unwrap(), 1);
    assert_eq!(not_send(&world, std::rc::Rc::new(1)).await.unwrap(), 2);
}

impl World {
    #[idempotent(store = self.idem, key = (prefix, names.len()))]
    async fn measure<'a, I>(
        &self,
        prefix: &str,
        names: I,
        of: impl for<'b> Fn(&'b str) -> &'b str + Send,
        each: &mut (dyn FnMut(usize) + Send),
    ) -> Result<usize, Error>
    where
        I: ExactSizeIterator<Item = &'a str> + Send,
    {
        let mut total = 0;
        for name in names {
            tokio::task::yield_now().await;
            total += of(name).len();
            each(total);
        }
        Ok(total)
    }

    #[idempotent(store = self.idem, key = depth)]
    async fn descend(&self, depth: u32) -> Result<u32, Error> {
        self.run();
        if depth == 0 { Ok(0) } else { Ok(Box::pin(self.descend(depth - 1)).await? + 1) }
    }
}

#[tokio::test]
async fn send_is_not_lost_to_lifetimes_closures_or_recursion() {
    let world = World::new();
    let spawned = world.clone();
    let task = tokio::spawn(async move {
        let names = ["ada".to_owned(), "eve".to_owned()];
        let names = || names.iter().map(String::as_str);
        let mut seen = Vec::new();
        let total = spawned.measure("x", names(), |name| &name[1..], &mut |total| seen.push(total)).await;
        (total.unwrap(), seen, spawned.descend(3).await.unwrap())
    });
    assert_eq!(task.await.unwrap(), (4, vec![2, 4], 3));
    assert_eq!(world.descend(3).await.unwrap(), 3);
    assert_eq!(world.runs(), 4);
}

// --- other attributes ---

mod decorated {
    use super::{Error, World, idempotent};

    /// Charges.
    #[cfg(not(any()))]
    #[must_use = "a receipt"]
    #[idempotent(store = world.idem, key = id)]
    #[deprecated(note = "kept")]
    #[allow(clippy::unused_async, reason = "the attribute is kept")]
    pub(super) async fn charge(
        world: &World,
        #[cfg(not(any()))] id: u64,
        #[cfg(any())] no: Missing,
    ) -> Result<u32, Error> {
        #![allow(clippy::let_and_return, reason = "an inner attribute stays in front of the body")]
        let run = world.run();
        Ok(run)
    }

    #[cfg(any())]
    #[idempotent(store = world.idem, key = id)]
    pub(super) async fn charge() -> Missing {}
}

#[tokio::test]
async fn attrs_docs_visibility_cfg_preserved() {
    let world = World::new();
    #[expect(deprecated, reason = "the attribute is kept")]
    let call = async || decorated::charge(&world, 1).await;
    assert_eq!(call().await.unwrap(), 1);
    assert_eq!(call().await.unwrap(), 1);
}

#[async_trait]
trait Payments {
    async fn plain(&self, id: u64) -> Result<u32, PayError>;
    async fn inside(&self, id: u64) -> Result<u32, PayError>;
    async fn outside(&mut self, id: Option<u64>, names: &[&str]) -> Result<String, PayError>;

    #[idempotent(store = self.world().idem, key = id)]
    async fn provided(&self, id: u64) -> Result<u32, PayError>
    where
        Self: Sync,
    {
        Ok(self.world().run())
    }

    fn world(&self) -> &World;
}

#[async_trait]
impl Payments for World {
    #[idempotent(store = self.idem, key = id, context = execution)]
    async fn plain(&self, id: u64) -> Result<u32, PayError> {
        assert_eq!(execution.attempt(), 1);
        Ok(self.run())
    }

    #[idempotent(store = self.idem, key = id)]
    #[tracing::instrument(skip_all)]
    async fn inside(&self, id: u64) -> Result<u32, PayError> {
        let run = self.run();
        tokio::task::yield_now().await;
        Ok(run)
    }

    #[tracing::instrument(skip(self))]
    #[idempotent(store = self.idem, key = (id.ok_or(PayError::Declined(0))?, names[0]))]
    async fn outside(&mut self, id: Option<u64>, names: &[&str]) -> Result<String, PayError> {
        let run = self.run();
        Err(std::fmt::Error).or_else(|_| Ok(format!("{}{run}", names[0])))
    }

    fn world(&self) -> &World {
        self
    }
}

impl World {
    #[tracing::instrument(skip_all, fields(id))]
    #[idempotent(store = self.idem, key = id)]
    async fn spanned_outside(&self, id: u64) -> Result<u32, PayError> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, key = id)]
    #[tracing::instrument(skip_all, err(Debug))]
    async fn spanned_inside(&self, id: u64) -> Result<u32, PayError> {
        Ok(self.run())
    }
}

#[tokio::test]
async fn works_with_tracing_instrument_and_async_trait_any_order() {
    let mut world = World::new();
    for _ in 0..2 {
        assert_eq!(world.plain(1).await, Ok(1));
        assert_eq!(world.inside(1).await, Ok(2));
        assert_eq!(world.outside(None, &["a"]).await, Err(PayError::Declined(0)));
        assert_eq!(world.outside(Some(1), &["a"]).await, Ok("a3".to_owned()));
        assert_eq!(world.provided(1).await, Ok(4));
        assert_eq!(world.spanned_outside(1).await, Ok(5));
        assert_eq!(world.spanned_inside(1).await, Ok(6));
    }
    let payments: Box<dyn Payments + Send> = Box::new(world.clone());
    assert_eq!(tokio::spawn(async move { payments.plain(1).await }).await.unwrap(), Ok(1));
    assert_eq!(world.runs(), 6);
}

// --- scopes ---

#[tokio::test]
async fn explicit_name_survives_rename_and_move() {
    mod before {
        #[idem::idempotent(store = world.idem, key = id, scope = "tests.survives")]
        pub(super) async fn charge(world: &super::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }
    }

    mod after {
        #[idem::idempotent(store = world.idem, key = id, scope = "tests.survives")]
        pub(super) async fn charge_order(world: &super::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }

        #[idem::idempotent(store = world.idem, key = id)]
        pub(super) async fn charge(world: &super::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }
    }

    let world = World::new();
    assert_eq!(before::charge(&world, 1).await.unwrap(), 1);
    assert_eq!(after::charge_order(&world, 1).await.unwrap(), 1);
    assert_eq!(after::charge(&world, 1).await.unwrap(), 2, "a derived scope is the path of the function");
}

#[tokio::test]
async fn no_duplicate_names() {
    struct Card;
    struct Bank;

    impl Card {
        #[idempotent(store = world.idem, key = id)]
        async fn charge_once(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }

        #[idempotent(store = world.idem, key = id, scope = "tests.shared")]
        async fn shared(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    impl Bank {
        #[idempotent(store = world.idem, key = id)]
        async fn charge_once(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }

        #[idempotent(store = world.idem, key = id, scope = "tests.shared")]
        async fn shared(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    let world = World::new();
    assert_eq!(Card::charge_once(&world, 1).await.unwrap(), 1);
    let error = Bank::charge_once(&world, 2).await.unwrap_err().to_string();
    assert!(error.contains("charge_once") && error.contains("scope ="), "{error}");
    assert_eq!(world.runs(), 1, "nothing ran under a scope that two functions share");
    assert_eq!(Card::shared(&world, 1).await.unwrap(), 2);
    assert_eq!(Bank::shared(&world, 1).await.unwrap(), 2, "a scope that was set may be shared on purpose");
}

#[tokio::test]
async fn event_and_inner_function_both_idempotent() {
    #[idempotent(store = world.idem, key = id)]
    async fn handle(world: &World, id: u64, fails: bool) -> Result<(u32, u32), PayError> {
        let charged = charge_inside(world, id).await?;
        let run = world.run();
        if fails { Err(PayError::Unreachable(run)) } else { Ok((charged, run)) }
    }

    #[idempotent(store = world.idem, key = id)]
    async fn charge_inside(world: &World, id: u64) -> Result<u32, PayError> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(handle(&world, 1, true).await, Err(PayError::Unreachable(2)));
    assert_eq!(handle(&world, 1, false).await, Ok((1, 3)), "the outer function ran again, the inner one did not");
    assert_eq!(handle(&world, 1, false).await, Ok((1, 3)));
    assert_eq!(charge_inside(&world, 1).await, Ok(1));
    assert_eq!(world.runs(), 3);
}

// --- options ---

#[tokio::test]
async fn another_payload_under_the_same_key_is_a_mismatch() {
    #[idempotent(store = world.idem, key = id, fingerprint = (amount, currency))]
    async fn charge_amount(world: &World, id: u64, amount: u64, currency: &str) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(charge_amount(&world, 1, 100, "EUR").await.unwrap(), 1);
    assert_eq!(charge_amount(&world, 1, 100, "EUR").await.unwrap(), 1);
    assert!(charge_amount(&world, 1, 100, "USD").await.unwrap_err().is_mismatch());
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn errors_are_released_kept_or_chosen() {
    #[idempotent(store = world.idem, key = 1, errors = release)]
    async fn released(world: &World) -> Result<u32, PayError> {
        Err(PayError::Declined(world.run()))
    }

    #[idempotent(store = world.idem, key = 1, errors = keep)]
    async fn kept(world: &World) -> Result<u32, PayError> {
        Err(PayError::Declined(world.run()))
    }

    #[idempotent(store = world.idem, key = id, errors = keep_if(PayError::is_final))]
    async fn chosen(world: &World, id: u64, error: fn(u32) -> PayError) -> Result<u32, PayError> {
        Err(error(world.run()))
    }

    #[idempotent(store = world.idem, key = 1, errors = keep_if(|error| *error == PayError::Unreachable(7)))]
    async fn chosen_by_closure(world: &World) -> Result<u32, PayError> {
        Err(PayError::Unreachable(world.run()))
    }

    let world = World::new();
    assert_eq!(released(&world).await, Err(PayError::Declined(1)));
    assert_eq!(released(&world).await, Err(PayError::Declined(2)));
    assert_eq!(kept(&world).await, Err(PayError::Declined(3)));
    assert_eq!(kept(&world).await, Err(PayError::Declined(3)));
    assert_eq!(chosen(&world, 1, PayError::Declined).await, Err(PayError::Declined(4)));
    assert_eq!(chosen(&world, 1, PayError::Declined).await, Err(PayError::Declined(4)));
    assert_eq!(chosen(&world, 2, PayError::Unreachable).await, Err(PayError::Unreachable(5)));
    assert_eq!(chosen(&world, 2, PayError::Unreachable).await, Err(PayError::Unreachable(6)));
    assert_eq!(chosen_by_closure(&world).await, Err(PayError::Unreachable(7)));
    assert_eq!(chosen_by_closure(&world).await, Err(PayError::Unreachable(7)));
}

#[tokio::test]
async fn attempts_are_limited_and_counted_for_the_body() {
    #[idempotent(store = world.idem, key = 1, max_attempts = 2, context = execution)]
    async fn charge_at_most_twice(world: &World) -> Result<u32, PayError> {
        world.run();
        Err(PayError::Unreachable(execution.attempt()))
    }

    let world = World::new();
    assert_eq!(charge_at_most_twice(&world).await, Err(PayError::Unreachable(1)));
    assert_eq!(charge_at_most_twice(&world).await, Err(PayError::Unreachable(2)));
    assert!(matches!(charge_at_most_twice(&world).await, Err(PayError::Idem(_))));
    assert_eq!(world.runs(), 2);
}

#[tokio::test]
async fn the_context_tells_the_downstream_key_of_the_call() {
    #[idempotent(store = world.idem, key = id, context = execution)]
    async fn charge_downstream(world: &World, id: u64) -> Result<String, Error> {
        world.run();
        Ok(execution.downstream_key("gateway"))
    }

    let world = World::new();
    let first = charge_downstream(&world, 1).await.unwrap();
    assert_ne!(first, charge_downstream(&world, 2).await.unwrap());
    assert_eq!(
        first,
        charge_downstream(&World::new(), 1).await.unwrap(),
        "the same key, in any attempt and on any store"
    );
}

#[tokio::test]
async fn an_outcome_of_another_version_is_an_error_and_no_rerun() {
    #[idempotent(store = world.idem, key = 1, scope = "tests.version")]
    async fn before(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.version", version = 2)]
    async fn after(world: &World) -> Result<String, Error> {
        Ok(world.run().to_string())
    }

    let world = World::new();
    assert_eq!(before(&world).await.unwrap(), 1);
    let error = after(&world).await.unwrap_err();
    assert!(error.to_string().contains("version"), "{error}");
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn a_duplicate_in_flight_is_rejected_or_waits() {
    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight")]
    async fn charge_slowly(
        world: &World,
        started: Arc<tokio::sync::Barrier>,
        go_on: Arc<tokio::sync::Barrier>,
    ) -> Result<u32, Error> {
        started.wait().await;
        go_on.wait().await;
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight", in_flight = reject)]
    async fn rejected(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight", in_flight = wait("1m"))]
    async fn waits(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight", in_flight = wait(Duration::from_millis(1)))]
    async fn waits_too_briefly(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let [started, go_on] = [(), ()].map(|()| Arc::new(tokio::sync::Barrier::new(2)));
    let first = tokio::spawn({
        let (world, started, go_on) = (world.clone(), started.clone(), go_on.clone());
        async move { charge_slowly(&world, started, go_on).await }
    });
    started.wait().await;
    assert!(rejected(&world).await.unwrap_err().is_in_progress());
    assert!(waits_too_briefly(&world).await.unwrap_err().is_wait_timeout());
    let waiting = tokio::spawn({
        let world = world.clone();
        async move { waits(&world).await }
    });
    go_on.wait().await;
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn durations_are_literals_or_expressions() {
    struct Config {
        lease: Duration,
    }

    #[idempotent(store = world.idem, key = id, lease = config.lease, retain = "1h 30m", abandoned = refuse)]
    async fn charge_for(world: &World, config: &Config, id: u64) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(charge_for(&world, &Config { lease: Duration::from_secs(1) }, 1).await.unwrap(), 1);
    assert_eq!(charge_for(&world, &Config { lease: Duration::from_secs(1) }, 1).await.unwrap(), 1);
    let error = charge_for(&world, &Config { lease: Duration::ZERO }, 2).await.unwrap_err();
    assert!(error.to_string().contains("lease"), "an expression is checked when it is known: {error}");
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn anyhow_and_boxed_errors_are_errors() {
    #[idempotent(store = world.idem, key = id)]
    async fn with_anyhow(world: &World, id: u32) -> anyhow::Result<u32> {
        anyhow::ensure!(id != 0, "zero is no id");
        Ok(world.run())
    }
    #[idempotent(store = world.idem, key = id)]
    async fn with_a_box(world: &World, id: u32) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        "7".parse::<u32>()?;
        Ok(id + world.run())
    }

    let world = World::new();
    assert_eq!(with_anyhow(&world, 1).await.unwrap(), 1);
    assert_eq!(with_anyhow(&world, 1).await.unwrap(), 1);
    assert_eq!(with_anyhow(&world, 0).await.unwrap_err().to_string(), "zero is no id");
    assert_eq!(with_a_box(&world, 10).await.unwrap(), 12);
    assert_eq!(with_a_box(&world, 10).await.unwrap(), 12);
    assert_eq!(world.runs(), 2);
}
