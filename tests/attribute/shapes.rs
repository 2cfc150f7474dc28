//! Every shape of function: receivers, generics, lifetimes, aliases of `Result`, futures that are `Send`.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use idem::{Error, MemoryStore, Store, idempotent};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{PayError, Receipt, World};

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

    #[idempotent(store = self.idem, scope = "tests.by_ref", key = id)]
    async fn by_ref(&self, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, scope = "tests.by_mut", key = id)]
    async fn by_mut(&mut self, id: u64) -> Result<u32, Error> {
        *self.runs.get_mut() += 1;
        Ok(*self.runs.get_mut())
    }

    #[idempotent(store = self.idem, scope = "tests.by_arc", key = id)]
    async fn by_arc(self: Arc<Self>, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, scope = "tests.by_pin", key = id)]
    async fn by_pin(self: Pin<&mut Self>, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, scope = "tests.by_value", key = id)]
    async fn by_value(self, id: u64) -> Result<u32, Error> {
        Ok(self.run())
    }

    #[idempotent(store = service.idem, scope = "tests.without_self", key = id)]
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
        #[idempotent(store = self.world.idem, scope = shared("tests.charge_named"), key = (self.name, N, prefix.as_ref()))]
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
    #[idempotent(store = world.idem, scope = shared("tests.produce"), key = id)]
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

    #[idempotent(store = world.idem, scope = "tests.default_error", key = 1)]
    async fn default_error(world: &World) -> Result<u32> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, scope = "tests.other_error", key = 1)]
    async fn other_error(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, scope = "tests.boxed_error", key = 1)]
    async fn boxed_error(world: &World, fails: bool) -> Boxed<u32> {
        world.run();
        if fails {
            return Err("failed".into());
        }
        let number = "7".parse::<u32>()?;
        if number == 8 { Err(Box::new(std::fmt::Error)) } else { Ok(number) }
    }

    #[idempotent(store = world.idem, scope = "tests.kept_in_alias", key = 1, errors = keep)]
    async fn kept_in_alias(world: &World) -> Result<u32> {
        Err(PayError::Declined(world.run()))
    }

    #[idempotent(store = world.idem, scope = "tests.nothing", key = 1)]
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
    #[idempotent(store = world.idem, scope = "tests.charge_elsewhere", key = *guarded.lock().unwrap())]
    async fn charge_elsewhere(world: &World, guarded: &Mutex<u64>) -> Result<u32, Error> {
        tokio::task::yield_now().await;
        Ok(world.run())
    }

    #[idempotent(store = world.idem, scope = "tests.not_send", key = *id)]
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
    #[idempotent(store = self.idem, scope = shared("tests.measure"), key = (prefix, names.len()))]
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

    #[idempotent(store = self.idem, scope = "tests.descend", key = depth)]
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

#[tokio::test]
async fn anyhow_and_boxed_errors_are_errors() {
    #[idempotent(store = world.idem, scope = "tests.with_anyhow", key = id)]
    async fn with_anyhow(world: &World, id: u32) -> anyhow::Result<u32> {
        anyhow::ensure!(id != 0, "zero is no id");
        Ok(world.run())
    }
    #[idempotent(store = world.idem, scope = "tests.with_a_box", key = id)]
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
