//! Where a scope comes from: one annotated function, and which instance of it is called.

use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use crate::{Error, Scope};

/// How many scopes of one function are remembered with the instance that they belong to.
const REMEMBERED: usize = 1024;

/// One annotated function, and its scope. The attribute declares a `static` of it in each.
///
/// A generic function, and a method of a trait or of a generic type, has one `static` for all its instances. Their keys
/// would meet in one scope, and one service would be answered with another's outcomes. So a site remembers the first
/// instance that is called, and a call of another one is refused before anything runs, unless the scope was set as
/// [shared](Self::shared). What the instances are called is compared within one process only: it changes with the
/// compiler, and so can never be part of a scope.
#[derive(Debug)]
pub struct Site {
    scope: Scope,
    naming: Naming,
    location: &'static Location<'static>,
    instance: OnceLock<&'static str>,
}

/// Who named a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// It is the path of its function.
    Derived,
    /// It was set by hand.
    Set,
    /// It was set by hand, for all instances of the function.
    Shared,
}

impl Site {
    /// A site whose scope is the path of its function.
    ///
    /// # Panics
    ///
    /// At compile time, as [`Scope::from_static`].
    #[must_use]
    #[track_caller]
    pub const fn new(path: &'static str) -> Self {
        Self::at(path, Naming::Derived, Location::caller())
    }

    /// A site whose scope was set by hand. Several functions may have it on purpose.
    ///
    /// # Panics
    ///
    /// At compile time, as [`Scope::from_static`].
    #[must_use]
    #[track_caller]
    pub const fn named(scope: &'static str) -> Self {
        Self::at(scope, Naming::Set, Location::caller())
    }

    /// A site whose scope was set by hand, for all instances of its function.
    ///
    /// # Panics
    ///
    /// At compile time, as [`Scope::from_static`].
    #[must_use]
    #[track_caller]
    pub const fn shared(scope: &'static str) -> Self {
        Self::at(scope, Naming::Shared, Location::caller())
    }

    const fn at(scope: &'static str, naming: Naming, location: &'static Location<'static>) -> Self {
        Self { scope: Scope::from_static(scope), naming, location, instance: OnceLock::new() }
    }

    /// The scope of this site, for a call of `instance`: what [`type_name`](std::any::type_name) says of something inside
    /// the function.
    ///
    /// # Errors
    ///
    /// If keys would meet: another function has derived the same scope, or another instance of this one was called before.
    pub fn scope_of(&'static self, instance: &'static str) -> Result<Scope, Error> {
        if self.naming != Naming::Shared {
            let first = match self.instance.get() {
                Some(first) => first,
                None => self.register(instance)?,
            };
            if !is_same(first, instance) {
                return Err(two_instances(&self.scope, first, instance));
            }
        }
        Ok(self.scope.clone())
    }

    /// Remembers the first instance, and takes a derived name for this site, which its address identifies: a function
    /// that a macro wrote twice has two.
    fn register(&'static self, instance: &'static str) -> Result<&'static str, Error> {
        static TAKEN: LazyLock<Mutex<HashMap<&'static str, &'static Site>>> = LazyLock::new(Mutex::default);

        if self.naming == Naming::Derived {
            let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
            let first = *taken.entry(self.scope.as_str()).or_insert(self);
            if !std::ptr::eq(first, self) {
                return Err(Error::misuse(format!(
                    "two functions share the derived scope `{}` ({} and {}), so their keys would meet; \
                     set `scope = \"…\"` on each",
                    self.scope, first.location, self.location,
                )));
            }
        }
        Ok(self.instance.get_or_init(|| instance))
    }
}

/// One annotated function whose scope is an expression, so that each instance can have a name of its own.
#[derive(Debug, Default)]
pub struct NamedSite {
    /// Which instance said which name.
    instances: Mutex<BTreeMap<String, &'static str>>,
}

impl NamedSite {
    /// A site that remembers nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { instances: Mutex::new(BTreeMap::new()) }
    }

    /// The scope that `instance` named.
    ///
    /// # Errors
    ///
    /// That of `scope`; or if another instance of the function has named the same one.
    pub fn scope_of(&'static self, scope: Result<Scope, Error>, instance: &'static str) -> Result<Scope, Error> {
        let scope = scope?;
        let mut instances = self.instances.lock().unwrap_or_else(PoisonError::into_inner);
        match instances.get(scope.as_str()) {
            Some(first) if !is_same(first, instance) => return Err(two_instances(&scope, first, instance)),
            Some(_) => {}
            // Beyond that the names are those of tenants, say, and tell no instances apart.
            None if instances.len() >= REMEMBERED => {}
            None => {
                instances.insert(scope.as_str().to_owned(), instance);
            }
        }
        Ok(scope)
    }
}

/// Whether two names are of one instance, whose name may be there more than once.
fn is_same(first: &'static str, second: &'static str) -> bool {
    std::ptr::eq(first, second) || first == second
}

fn two_instances(scope: &Scope, first: &str, second: &str) -> Error {
    let [first, second] = [first, second].map(|instance| instance.trim_end_matches("::{{closure}}"));
    Error::misuse(format!(
        "two instances of one function have the scope `{scope}`, so their keys would meet: `{first}` and `{second}`; \
         give each a scope of its own by an expression, as in `scope = Self::SCOPE`, or write `scope = shared(\"{scope}\")` \
         if they are one operation"
    ))
}
