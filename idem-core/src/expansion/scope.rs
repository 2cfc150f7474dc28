//! What an expansion says about its scope: which instance of the function is called, and who names it.

use std::any::type_name;
use std::borrow::Cow;

use crate::{Error, Scope};

pub use crate::{NamedSite, Site};

/// What tells the instances of a function apart within one process: the name of a closure inside it.
#[must_use]
pub fn instance<Closure: Fn()>(_: Closure) -> &'static str {
    type_name::<Closure>()
}

/// The scope of a function whose own name was looked for in its module.
///
/// # Errors
///
/// If another function has that name, or that scope.
#[expect(clippy::needless_pass_by_value, reason = "an expansion has no other use of it")]
pub fn derived(site: &'static Site, found: impl IsNamed, instance: &'static str) -> Result<Scope, Error> {
    // A method may have the name of a function beside its `impl`: then that one is found.
    let is_inside = instance.strip_prefix(found.name()).is_some_and(|rest| rest.starts_with("::"));
    if !is_inside {
        return Err(Error::misuse(format!(
            "`{instance}` has no scope of its own, since another function of its module has its name; \
             set `scope = \"…\"`"
        )));
    }
    site.scope_of(instance)
}

/// What the name of a function finds if its module has no function of that name: then it is one of a type, or inside
/// another function, and the path of its module does not tell it apart.
pub struct NotInItsModule;

impl NotInItsModule {
    /// As [`FindsName::find_name`], which this one comes before.
    #[must_use]
    pub fn find_name(&self) -> Self {
        Self
    }
}

/// What the name of a function finds.
pub trait FindsName {
    /// The name of what was found.
    fn find_name(&self) -> Named {
        Named(type_name::<Self>())
    }
}

impl<F> FindsName for F {}

/// The name of a function in its module.
pub struct Named(&'static str);

/// A function that has a name in its module.
#[diagnostic::on_unimplemented(
    message = "missing `scope`: a function that is not directly in a module has no scope of its own",
    label = "others of this name in the same module would share its keys",
    note = "give the operation a stable name: `scope = \"payments.charge\"`; in a generic type or a trait one that tells its \
            instances apart: `scope = Self::SCOPE`"
)]
pub trait IsNamed {
    /// The name.
    fn name(&self) -> &'static str;
}

impl IsNamed for Named {
    fn name(&self) -> &'static str {
        self.0
    }
}

/// A scope that is an expression of the user's.
///
/// # Errors
///
/// If it cannot be a scope.
pub fn scope<S: NamesScope + ?Sized>(scope: &S) -> Result<Scope, Error> {
    scope.to_scope()
}

/// What can name a scope.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot name a scope",
    label = "not the name of an operation",
    note = "write a `&'static str`, a `String` or an `idem::Scope`, as in `scope = Self::SCOPE`"
)]
pub trait NamesScope {
    /// The scope.
    ///
    /// # Errors
    ///
    /// If it cannot be one.
    fn to_scope(&self) -> Result<Scope, Error>;
}

impl NamesScope for &'static str {
    fn to_scope(&self) -> Result<Scope, Error> {
        Scope::new(*self)
    }
}

impl NamesScope for String {
    fn to_scope(&self) -> Result<Scope, Error> {
        Scope::new(self.clone())
    }
}

impl NamesScope for Cow<'static, str> {
    fn to_scope(&self) -> Result<Scope, Error> {
        Scope::new(self.clone())
    }
}

impl NamesScope for Scope {
    fn to_scope(&self) -> Result<Scope, Error> {
        Ok(self.clone())
    }
}

impl NamesScope for &String {
    fn to_scope(&self) -> Result<Scope, Error> {
        (**self).to_scope()
    }
}

impl NamesScope for &Scope {
    fn to_scope(&self) -> Result<Scope, Error> {
        (**self).to_scope()
    }
}

opaque! {
    "NotInItsModule": impl[] NotInItsModule;
    "Named": impl[] Named;
}
