//! The stable name of an operation.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::Error;

/// The longest scope, in bytes. With the longest key it fits the index limits of every database.
pub const MAX_SCOPE_BYTES: usize = 200;

/// The stable name of an operation, such as `"payments.charge"`; keys of two scopes never meet.
///
/// ```
/// use idem_core::Scope;
///
/// const SCOPE: Scope = Scope::from_static("payments.charge");
/// assert_eq!(SCOPE.as_str(), "payments.charge");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Cow<'static, str>);

impl Scope {
    /// Names a scope at compile time.
    ///
    /// # Panics
    ///
    /// If the name is empty, is longer than [`MAX_SCOPE_BYTES`] or has a control character; in a `const` or `static` that is a compile error.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a scope is empty; give the operation a stable name");
        assert!(
            name.len() <= MAX_SCOPE_BYTES,
            "a scope is longer than 200 bytes; set a shorter stable name, `scope = \"…\"`"
        );
        assert!(!has_control(name), "a scope has a control character; give the operation a printable name");
        Self(Cow::Borrowed(name))
    }

    /// Names a scope at run time.
    ///
    /// # Errors
    ///
    /// If the name is empty, is longer than [`MAX_SCOPE_BYTES`] or has a control character.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        match name.len() {
            0 => Err(Error::misuse("a scope is empty; give the operation a stable name")),
            1..=MAX_SCOPE_BYTES if has_control(&name) => {
                Err(Error::misuse("a scope has a control character; give the operation a printable name"))
            }
            1..=MAX_SCOPE_BYTES => Ok(Self(name)),
            _ => Err(Error::misuse(format!(
                "a scope is longer than {MAX_SCOPE_BYTES} bytes; give the operation a shorter stable name"
            ))),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a name has a control character: databases refuse some, and people read scopes in a terminal. By bytes, because
/// it runs at compile time: U+0080 to U+009F are `C2 80` to `C2 9F`.
const fn has_control(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    let mut before = 0;
    while index < bytes.len() {
        let byte = bytes[index];
        if byte.is_ascii_control() || before == 0xc2 && byte < 0xa0 {
            return true;
        }
        before = byte;
        index += 1;
    }
    false
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One annotated function. The attribute declares a `static` of it in each.
///
/// A scope that was derived from the function's path is shared by two methods of one name in one module, whose keys
/// would then meet. So each site registers its derived scope at its first call, and the second one to claim the name
/// is refused before anything runs. A scope that was set by hand may be shared on purpose.
#[derive(Debug)]
pub struct Site {
    scope: Scope,
    derived: bool,
    location: &'static Location<'static>,
    checked: AtomicBool,
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
        Self::at(path, true, Location::caller())
    }

    /// A site whose scope was set by hand.
    ///
    /// # Panics
    ///
    /// At compile time, as [`Scope::from_static`].
    #[must_use]
    #[track_caller]
    pub const fn named(scope: &'static str) -> Self {
        Self::at(scope, false, Location::caller())
    }

    const fn at(scope: &'static str, derived: bool, location: &'static Location<'static>) -> Self {
        Self { scope: Scope::from_static(scope), derived, location, checked: AtomicBool::new(false) }
    }

    /// The scope of this site, once it is known to be its own.
    pub(crate) fn scope(&'static self) -> Result<Scope, Error> {
        if self.derived && !self.checked.load(Ordering::Relaxed) {
            self.register()?;
        }
        Ok(self.scope.clone())
    }

    /// Takes the derived name for this site, which its address identifies: a generic function has one `static` for
    /// all its instances, and a function that a macro wrote twice has two.
    fn register(&'static self) -> Result<(), Error> {
        static TAKEN: LazyLock<Mutex<HashMap<&'static str, &'static Site>>> = LazyLock::new(Mutex::default);

        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *taken.entry(self.scope.as_str()).or_insert(self);
        if !std::ptr::eq(first, self) {
            return Err(Error::misuse(format!(
                "two functions share the derived scope `{}` ({} and {}), so their keys would meet; \
                 set `scope = \"…\"` on each",
                self.scope, first.location, self.location,
            )));
        }
        self.checked.store(true, Ordering::Relaxed);
        Ok(())
    }
}
