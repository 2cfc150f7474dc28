//! The names of all cases, once. Longer than other files, since it is one list.

/// Writes one `#[test]` per case of the [contract](mod@crate::contract), for the [`Backend`](crate::contract::Backend) of this
/// type.
///
/// ```
/// # use std::sync::Arc;
/// # use idem_core::{MemoryStore, Store};
/// # struct MyBackend;
/// # #[async_trait::async_trait]
/// # impl idem_core::contract::Backend for MyBackend {
/// #     async fn open() -> Self { Self }
/// #     async fn store(&self) -> Arc<dyn Store> { Arc::new(MemoryStore::new()) }
/// # }
/// idem_core::contract!(MyBackend);
/// ```
///
/// Attributes before the type stand on each test, such as that of a backend which needs a server:
///
/// ```
/// # use std::sync::Arc;
/// # use idem_core::{MemoryStore, Store};
/// # struct MyBackend;
/// # #[async_trait::async_trait]
/// # impl idem_core::contract::Backend for MyBackend {
/// #     async fn open() -> Self { Self }
/// #     async fn store(&self) -> Arc<dyn Store> { Arc::new(MemoryStore::new()) }
/// # }
/// idem_core::contract!(#[ignore = "needs a server"] MyBackend);
/// ```
#[macro_export]
macro_rules! contract {
    ($(#[$attribute:meta])* $backend:ty) => {
        $crate::__contract_cases!(__contract_tests([$(#[$attribute])*] $backend));
    };
}

/// Hands the list to a macro of this crate. A case that is missing here is dead code, so the compiler finds it.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_cases {
    ($then:ident($($argument:tt)*)) => {
        $crate::$then! {
            ($($argument)*)
            replay {
                first_call_executes_and_persists
                second_call_replays_without_executing
                replay_costs_one_round_trip
                different_keys_are_independent
                completed_replay_under_concurrency_never_conflicts
                released_key_can_be_acquired_again
            }
            concurrency {
                concurrent_same_key_runs_once
                concurrent_same_key_runs_once_under_50ms_latency
                in_progress_duplicate_rejected
                rejected_duplicate_leaves_record_untouched
            }
            lease {
                renewing_many_claims_answers_each
                lease_not_expired_blocks
                lease_expired_is_taken_over
                takeover_under_contention_single_winner
                stale_snapshot_takeover_cannot_overwrite_completed
                generation_is_monotonic_across_takeovers_and_expiry
                generation_exposed_to_body
            }
            zombies {
                zombie_complete_after_takeover_is_rejected
                zombie_release_after_takeover_is_rejected
                zombie_extend_after_takeover_is_rejected
                zombie_abandon_after_takeover_is_rejected
                zombie_body_gets_the_outcome_of_its_successor
                zombie_body_that_fails_gets_the_outcome_of_its_successor
                lost_is_told_to_nobody_but_a_loser
                heartbeat_stops_after_complete
                heartbeat_unknown_or_failed_key_ignored
                only_the_holder_writes
            }
            abandoned {
                takeover_policy_refuse
                an_outcome_that_nobody_knows_waits_for_an_operator
                a_record_that_refuses_is_not_taken_over
                takeover_policy_manual_resolve
                a_resolution_that_cannot_be_read_is_refused
                a_live_claim_cannot_be_resolved
                lost_holder_then_retry
            }
            renewal {
                heartbeat_keeps_lease
                heartbeat_survives_transient_store_error
                leases_of_one_store_are_renewed_together
                a_renewal_of_many_that_hangs_costs_nobody_its_lease
            }
            results {
                unit_result_replays
                none_result_replays
                falsy_results_roundtrip
                option_option_roundtrip
                unit_enum_roundtrip
                u64_max_roundtrip
                f64_nan_policy
                what_a_type_does_not_read_back
                binary_and_unicode_results
                first_and_replay_results_are_equal_through_codec
                schema_version_mismatch_policy_error
                undecodable_result_is_corrupt
            }
            limits {
                result_over_limit_policy_error
                result_over_limit_policy_marker
            }
            errors {
                error_releases_claim_by_default
                error_stored_when_classified_permanent
                transient_error_never_stored
                store_all_errors_preset
                why_an_inner_call_was_refused_is_not_kept
                claim_failure_fail_closed
                get_failure
                bounded_internal_retries
                claim_that_the_store_will_not_take_now
            }
            completing {
                complete_failure_after_success
                complete_acknowledgement_lost
                store_away_after_success_stores_the_outcome_later
                store_away_for_longer_than_the_lease_loses_the_claim
                holder_without_an_answer_past_its_lease_asks_once_more
                completion_that_may_pass_is_tried_under_a_renewed_lease
                refused_outcome_becomes_a_mark
                store_that_is_mended_between_two_writes_gets_the_outcome
                refused_mark_leaves_a_claim_that_waits_for_a_person
                claim_that_no_write_can_end_is_kept_until_the_store_is_mended
                dropped_while_completing_still_stores
                panic_while_encoding_leaves_the_key_done
                panic_while_encoding_a_kept_error_leaves_the_key_done
            }
            dropped {
                panic_releases_or_poisons
                panic_after_the_body_has_returned_runs_nothing_again
                future_dropped_lapses
                future_dropped_releases
                future_dropped_goes_on_to_the_end
                body_that_said_unknown_waits_for_a_person
                error_of_an_unknown_effect_waits_for_a_person
                future_dropped_keeps_lease
                drop_during_claim_await
                runtime_shutdown_mid_body
                timeout_outer_select_drops_body
            }
            admission {
                exhausted_after_max_attempts
                max_attempts_does_not_hide_an_outcome
                unissued_token_creates_no_record
                a_used_token_is_an_ordinary_key
            }
            tokens {
                token_single_use
                unknown_expired_forged_and_foreign_tokens_create_no_record
                token_consumed_then_handler_fails
                token_reuse_after_success_replays
                token_finished_after_its_lifetime_replays
                failed_token_may_be_used_again_after_its_lifetime
            }
            issuing {
                unused_token_ends_with_its_lifetime
                issuing_a_taken_key_changes_nothing
                expired_key_is_issued_anew_by_one
                issue_repeated_after_a_lost_acknowledgement
            }
            keys {
                very_long_key_hashed
                key_case_and_trailing_space_significant
                unicode_normalisation_not_applied
                injection_chars_in_key
                keys_are_injective
                input_mutated_by_body
            }
            names {
                two_functions_same_key_same_store
                namespace_shared_between_functions_opt_in
                nested_functions_share_store
                reentrant_call_answers_at_once
                same_key_on_another_store_is_not_reentrant
                same_key_in_progress_on_another_store_is_waited_for
                same_store_different_config_per_function
            }
            fingerprint {
                mismatch_after_completion
                mismatch_while_in_progress
                match_after_completion_replays
                fingerprint_survives_complete_and_extend
                fingerprint_algorithm_upgrade
                released_then_other_payload_allowed
                expired_then_other_payload_allowed
                takeover_keeps_fingerprint_check
                mismatch_error_exposes_record_to_server_code
                mismatch_while_waiting_answers_at_once
            }
            expiry {
                completed_expired_reexecutes
                expiry_checked_by_predicate_not_by_purge
                expiry_counts_from_completion
                extending_moves_the_end_of_the_record
                ttl_zero_and_max
                per_call_ttl_override
                full_lifecycle_acquire_complete_expire_reacquire
            }
            purge {
                purge_removes_expired_completed
                purge_keeps_live
                purge_keeps_unexpired
                purge_keeps_stale_lease_with_live_ttl
                purge_keeps_lapsed_refuse
                purge_removes_when_lease_and_ttl_past
                purge_batched_and_concurrent
                purge_races_claim
                row_deleted_between_claim_and_read
            }
            waiting {
                waiter_gets_result
                waiter_times_out
                waiter_times_out_though_the_store_does_not_answer
                waiter_takes_over_when_owner_dies
                waiter_cancelled
                waiters_hold_no_db_connection
                stored_error_delivered_to_waiters
                refusing_waiter_learns_that_the_owner_died
                a_listener_hears_every_end
            }
            landing {
                resume_by_claim_id_for_durable_replay
                lost_claim_ack_recognised_as_own
                late_landing_claim_is_released
                claim_that_landed_before_a_refusal_is_released
                late_landing_claim_does_not_undo_an_outcome
                callers_that_gave_up_write_nothing
            }
            invariants {
                at_most_one_live_claim_per_key
                a_completed_outcome_never_changes
                repeating_a_write_is_harmless
                every_running_record_has_a_lease
                all_time_is_the_stores_clock
                the_fence_of_a_key_grows_strictly
                the_fingerprint_is_checked_on_every_path
                the_key_is_computed_once_before_the_body
                a_rejected_duplicate_changes_nothing
            }
            every_await {
                every_await_may_be_the_last
            }
        }
    };
}

/// Writes the tests of [`contract!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_tests {
    (($attributes:tt $backend:ty) $($subject:ident { $($case:ident)* })*) => {$($(
        $crate::__contract_test!($attributes $backend, $case);
    )*)*};
}

/// Writes one of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_test {
    ([$($attribute:tt)*] $backend:ty, $case:ident) => {
        #[test]
        $($attribute)*
        fn $case() {
            $crate::contract::run::<$backend>($crate::contract::cases::$case);
        }
    };
}

/// Writes the module that exports the cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_exports {
    (() $($subject:ident { $($case:ident)* })*) => {
        /// The cases, each a function that fails by panicking.
        pub mod cases {
            $(pub use super::$subject::{$($case),*};)*
        }
    };
}
