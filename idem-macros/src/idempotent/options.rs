//! The options of the attribute, one arm each.

use proc_macro2::{Ident, Span};
use syn::{Expr, Path, parse_quote};

use super::entry::{Entries, Entry};
use super::place::Place;
use super::scope::ScopeName;
use super::suggest::OPTIONS;
use super::value::{self, Argument, Time};
use super::word::{self, Abandoned, Dropped, InFlight, KeptErrors, Limit};
use crate::errors::Errors;
use crate::opt::Opt;

const MISSING_STORE: &str = "missing `store`; say where keys are claimed: `store = self.idem`";
const MISSING_KEY: &str = "missing `key`; say what makes two calls the same: `key = order.id`, or for a key that the server \
                           issued `token = form.token.of(user.id)`";
const MISSING_SCOPE: &str = "missing `scope`; a token is issued for an operation by its name: `scope = \"checkout.pay\"` \
                             here, and `Tokens::new(&store, \"checkout.pay\")` there";

/// The options of one use, each of the right form.
pub(crate) struct Options {
    pub(crate) store: Argument,
    pub(crate) identity: Identity,
    pub(crate) scope: Option<ScopeName>,
    pub(crate) fingerprint: Option<Argument>,
    pub(crate) lease: Option<Time>,
    pub(crate) retain: Option<Time>,
    pub(crate) in_flight: Option<InFlight>,
    pub(crate) errors: KeptErrors,
    pub(crate) unknown_if: Option<Argument>,
    pub(crate) abandoned: Option<Abandoned>,
    pub(crate) dropped: Option<Dropped>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) version: Option<u32>,
    pub(crate) outcome_limit: Option<Limit>,
    pub(crate) context: Option<Ident>,
    pub(crate) tx: Transaction,
    pub(crate) root: Path,
}

/// The transaction that the call is in.
pub(crate) enum Transaction {
    /// There is none, or it was forgotten.
    NotSaid,
    /// There is none, whatever the arguments are.
    None,
    /// The caller's.
    In(Place),
}

impl Transaction {
    /// Takes the word `none`, or a place.
    fn parse(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Self> {
        if is_none(value) { Some(Self::None) } else { Place::parse(errors, name, value).map(Self::In) }
    }
}

/// Whether the value of `tx` says that there is no transaction.
pub(crate) fn is_none(value: &Expr) -> bool {
    value::as_path(value).is_some_and(|path| path.is_ident("none"))
}

/// What makes two calls the same call.
pub(crate) enum Identity {
    /// The client says it.
    Key(Argument),
    /// The server issued it.
    Token(Argument),
}

#[derive(Default)]
struct Draft {
    store: Opt<Argument>,
    key: Opt<Argument>,
    token: Opt<Argument>,
    scope: Opt<ScopeName>,
    fingerprint: Opt<Argument>,
    lease: Opt<Time>,
    retain: Opt<Time>,
    in_flight: Opt<InFlight>,
    errors: Opt<KeptErrors>,
    unknown_if: Opt<Argument>,
    abandoned: Opt<Abandoned>,
    dropped: Opt<Dropped>,
    max_attempts: Opt<u32>,
    version: Opt<u32>,
    outcome_limit: Opt<Limit>,
    context: Opt<Ident>,
    tx: Opt<Transaction>,
    root: Opt<Path>,
}

impl Options {
    /// Reads what each entry means.
    pub(crate) fn parse(errors: &mut Errors, entries: &Entries) -> Option<Self> {
        let mut draft = Draft::default();
        for entry in &entries.named {
            draft.read(errors, entry);
        }
        if entries.unnamed > 0 {
            draft.store.not_missing();
            draft.key.not_missing();
        }
        draft.finish(errors)
    }

    /// All expressions of the user's that are evaluated in the function.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Argument> {
        let wait = match &self.in_flight {
            Some(InFlight::Wait(limit)) => Some(limit),
            _ => None,
        };
        let durations = [self.lease.as_ref(), self.retain.as_ref(), wait].into_iter().flatten();
        let durations = durations.filter_map(|time| match time {
            Time::Expression(argument) => Some(argument),
            Time::Milliseconds(_) => None,
        });
        let predicate = match &self.errors {
            KeptErrors::KeepIf(predicate) => Some(predicate),
            KeptErrors::Release | KeptErrors::Keep => None,
        };
        let scope = match &self.scope {
            Some(ScopeName::Expression(scope)) => Some(scope),
            Some(ScopeName::Literal(_) | ScopeName::Shared(_)) | None => None,
        };
        let (Identity::Key(identity) | Identity::Token(identity)) = &self.identity;
        let limit = self.outcome_limit.as_ref().map(|limit| match limit {
            Limit::Marker(argument) | Limit::Error(argument) | Limit::Expression(argument) => argument,
        });
        let values = [
            Some(&self.store),
            Some(identity),
            scope,
            self.fingerprint.as_ref(),
            predicate,
            limit,
            self.unknown_if.as_ref(),
        ];
        values.into_iter().flatten().chain(durations)
    }
}

impl Draft {
    fn read(&mut self, errors: &mut Errors, entry: &Entry) {
        match entry.name.to_string().as_str() {
            "store" => entry.read(errors, &mut self.store, value::expression),
            "key" => entry.read(errors, &mut self.key, value::unquoted),
            "token" => entry.read(errors, &mut self.token, value::unquoted),
            "scope" => entry.read(errors, &mut self.scope, ScopeName::parse),
            "fingerprint" => entry.read(errors, &mut self.fingerprint, value::unquoted),
            "lease" => entry.read(errors, &mut self.lease, value::lease),
            "retain" => entry.read(errors, &mut self.retain, value::retention),
            "in_flight" => entry.read(errors, &mut self.in_flight, word::in_flight),
            "errors" => entry.read(errors, &mut self.errors, word::kept_errors),
            "unknown_if" => entry.read(errors, &mut self.unknown_if, value::expression),
            "dropped" => entry.read(errors, &mut self.dropped, word::dropped),
            "abandoned" => entry.read(errors, &mut self.abandoned, word::abandoned),
            "max_attempts" => entry.read(errors, &mut self.max_attempts, value::count),
            "version" => entry.read(errors, &mut self.version, value::count),
            "outcome_limit" => entry.read(errors, &mut self.outcome_limit, word::outcome_limit),
            "context" => entry.read(errors, &mut self.context, value::name),
            "tx" => entry.read(errors, &mut self.tx, Transaction::parse),
            "crate" => entry.read(errors, &mut self.root, value::path),
            _ => match OPTIONS.unknown(errors, &entry.name) {
                Some("store") => self.store.not_missing(),
                Some("key" | "token") => self.key.not_missing(),
                _ => {}
            },
        }
    }

    fn finish(self, errors: &mut Errors) -> Option<Options> {
        let attribute = Span::call_site();
        let store = self.store.required(|| errors.at(attribute, MISSING_STORE));
        let (identity, scope) = if self.token.is_set() {
            let scope = self.scope.required(|| errors.at(attribute, MISSING_SCOPE));
            (self.token.optional().map(Identity::Token), scope)
        } else {
            let key = self.key.required(|| errors.at(attribute, MISSING_KEY));
            (key.map(Identity::Key), self.scope.optional())
        };
        Some(Options {
            store: store?,
            identity: identity?,
            scope,
            fingerprint: self.fingerprint.optional(),
            lease: self.lease.optional(),
            retain: self.retain.optional(),
            in_flight: self.in_flight.optional(),
            errors: self.errors.optional().unwrap_or(KeptErrors::Release),
            unknown_if: self.unknown_if.optional(),
            abandoned: self.abandoned.optional(),
            dropped: self.dropped.optional(),
            max_attempts: self.max_attempts.optional(),
            version: self.version.optional(),
            outcome_limit: self.outcome_limit.optional(),
            context: self.context.optional(),
            tx: self.tx.optional().unwrap_or(Transaction::NotSaid),
            root: self.root.optional().unwrap_or_else(|| parse_quote!(::idem)),
        })
    }
}
