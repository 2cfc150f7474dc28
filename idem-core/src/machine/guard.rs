//! What a Rust guard answers.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a guard refuses a transition, in words for the caller.
///
/// ```
/// use idem_core::machine::GuardError;
///
/// fn has_address(address: Option<&str>) -> Result<(), GuardError> {
///     address.map(drop).ok_or(GuardError::new("the order has no address"))
/// }
///
/// assert!(has_address(Some("1 Main Street")).is_ok());
/// assert_eq!(has_address(None).unwrap_err().to_string(), "the order has no address");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardError(Cow<'static, str>);

impl GuardError {
    /// Refuses for this reason.
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for GuardError {}

impl From<&'static str> for GuardError {
    fn from(reason: &'static str) -> Self {
        Self::new(reason)
    }
}

impl From<String> for GuardError {
    fn from(reason: String) -> Self {
        Self::new(reason)
    }
}

/// What a guard returns: `Result<(), GuardError>`, and nothing else.
#[diagnostic::on_unimplemented(
    message = "a guard returns `Result<(), GuardError>`, and this one returns `{Self}`",
    label = "expected `fn(&Entity) -> Result<(), GuardError>`",
    note = "guards are synchronous: they run between the load and the UPDATE; do what awaits before, or express it as \
            `guard_sql`"
)]
pub trait GuardAnswer {
    /// The answer.
    ///
    /// # Errors
    ///
    /// What the guard said.
    fn answer(self) -> Result<(), GuardError>;
}

impl GuardAnswer for Result<(), GuardError> {
    fn answer(self) -> Result<(), GuardError> {
        self
    }
}

/// Checks the type of what a guard returned, for the expansion of the derive.
///
/// # Errors
///
/// What the guard said.
#[doc(hidden)]
pub fn guard_answer<A: GuardAnswer>(answer: A) -> Result<(), GuardError> {
    answer.answer()
}
