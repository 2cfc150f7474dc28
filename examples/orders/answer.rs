//! What became of a command, in words. Each outcome is matched in full: none can be forgotten.

use idem::{Evidence, Insertion, Transition, Why, Write};

use crate::Failure;
use crate::order::{Order, OrderStatus};

pub fn inserted(insertion: &Insertion<Order>) -> String {
    match insertion {
        Insertion::Inserted(order) => format!("placed: {} cents", order.total),
        Insertion::Existing(order) => format!("there already: {} cents", order.total),
    }
}

/// What a guard refuses is an error: it may be right tomorrow, and then the same message must not get the old answer.
pub fn moved(transition: Transition<OrderStatus>) -> Result<String, Failure> {
    Ok(match transition {
        // Only here may anything be published, and `event` is the proof.
        Transition::Applied { event, .. } => format!("{} -> {}", event.from().code(), event.to().code()),
        Transition::AlreadyApplied { evidence: Evidence::SameKey, .. } => "applied before: same key".to_owned(),
        Transition::AlreadyApplied { evidence: Evidence::SameState, .. } => "applied before: same state".to_owned(),
        Transition::AlreadyApplied { evidence: Evidence::PassedThrough, .. } => {
            "applied before: passed through".to_owned()
        }
        Transition::Conflict { why: Why::AppliedByOther, .. } => "conflict: applied by another".to_owned(),
        Transition::Conflict { why: Why::StaleVersion { .. }, .. } => "conflict: changed meanwhile".to_owned(),
        Transition::Conflict { current, why: Why::Illegal { legal } } => {
            let legal: Vec<_> = legal.iter().map(|event| event.name()).collect();
            format!(
                "conflict: {}, legal: {}",
                current.code(),
                if legal.is_empty() { "none".to_owned() } else { legal.join(", ") }
            )
        }
        Transition::Rejected { guard, .. } => return Err(guard.into()),
        Transition::NotFound => "not found".to_owned(),
    })
}

pub fn written(write: &Write<Order>) -> String {
    match write {
        Write::Applied(order) => format!("written: version {}", order.version),
        Write::Unchanged => "unchanged".to_owned(),
        Write::Conflict { found, .. } => format!("conflict: version {} by now", found.version),
        Write::NotFound => "not found".to_owned(),
    }
}
