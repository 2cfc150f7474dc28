//! The contract fails for a store that is wrong: each defect, and a case that finds it.
#![cfg(feature = "contract")]

mod mutant;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use idem_core::contract::{Backend, cases};

use mutant::{Defect, Mutants};

/// Whether a case passes on a store with a defect. A case that a defect makes wait for ever does not. One without a defect
/// ends, however busy the machine is.
fn passes(defect: Defect, case: impl AsyncFnOnce(&dyn Backend)) -> bool {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let patience = Duration::from_secs(if matches!(defect, Defect::Nothing) { 60 } else { 15 });
    let case = AssertUnwindSafe(async {
        tokio::time::timeout(patience, case(&Mutants::with(defect))).await.expect("the case ends");
    });
    let passes = catch_unwind(|| runtime.block_on({ case }.0)).is_ok();
    runtime.shutdown_background();
    passes
}

/// A defect and the case that finds it: the test is named after the defect, in snake case.
macro_rules! catches {
    ($($defect:ident $name:ident: $case:ident;)*) => {$(
        #[test]
        fn $name() {
            assert!(passes(Defect::Nothing, cases::$case), "the case fails for a store without a defect");
            assert!(!passes(Defect::$defect, cases::$case), "the case does not find {:?}", Defect::$defect);
        }
    )*};
}
catches! {
    ClaimsInTwoSteps claims_in_two_steps: at_most_one_live_claim_per_key;
    CompleteIgnoresTheClaimId complete_ignores_the_claim_id: zombie_complete_after_takeover_is_rejected;
    CompletesInTwoSteps completes_in_two_steps: stale_snapshot_takeover_cannot_overwrite_completed;
    ReleaseIgnoresTheClaimId release_ignores_the_claim_id: zombie_release_after_takeover_is_rejected;
    ExtendIgnoresTheClaimId extend_ignores_the_claim_id: zombie_extend_after_takeover_is_rejected;
    AbandonIgnoresTheClaimId abandon_ignores_the_claim_id: zombie_abandon_after_takeover_is_rejected;
    AbandonKeepsThePolicy abandon_keeps_the_policy: an_outcome_that_nobody_knows_waits_for_an_operator;
    AbandonReleases abandon_releases: an_outcome_that_nobody_knows_waits_for_an_operator;
    OneLostClaimFailsAllRenewals one_lost_claim_fails_all_renewals: renewing_many_claims_answers_each;
    ResolveIgnoresTheClaimId resolve_ignores_the_claim_id: takeover_policy_manual_resolve;
    ResolveStoresAnyText resolve_stores_any_text: a_resolution_that_cannot_be_read_is_refused;
    ResolveIgnoresTheLease resolve_ignores_the_lease: a_live_claim_cannot_be_resolved;
    ExtendInsertsWhatIsMissing extend_inserts_what_is_missing: heartbeat_unknown_or_failed_key_ignored;
    ExtendRevivesWhatHasEnded extend_revives_what_has_ended: heartbeat_stops_after_complete;
    ExtendLeavesTheEnd extend_leaves_the_end: extending_moves_the_end_of_the_record;
    CompleteOverwrites complete_overwrites: a_completed_outcome_never_changes;
    CompleteKeepsTheEndOfTheClaim complete_keeps_the_end_of_the_claim: expiry_counts_from_completion;
    CompleteForgetsTheFingerprint complete_forgets_the_fingerprint: fingerprint_survives_complete_and_extend;
    RepeatedCompleteIsLost repeated_complete_is_lost: complete_acknowledgement_lost;
    RepeatedReleaseIsLost repeated_release_is_lost: repeating_a_write_is_harmless;
    RepeatedClaimIsInProgress repeated_claim_is_in_progress: lost_claim_ack_recognised_as_own;
    RepeatedClaimKeepsItsLease repeated_claim_keeps_its_lease: resume_by_claim_id_for_durable_replay;
    RefusesAHolderWhoseLeaseRanOut refuses_a_holder_whose_lease_ran_out: only_the_holder_writes;
    ClaimIgnoresFingerprints claim_ignores_fingerprints: mismatch_after_completion;
    ChecksFingerprintsOnlyOfOutcomes checks_fingerprints_only_of_outcomes: mismatch_while_in_progress;
    ChecksFingerprintsOnlyOfLiveClaims checks_fingerprints_only_of_live_claims: takeover_keeps_fingerprint_check;
    ComparesOnlyTheDigest compares_only_the_digest: fingerprint_algorithm_upgrade;
    KeepsTheFingerprintOfTheFirstAttempt keeps_the_fingerprint_of_the_first_attempt: released_then_other_payload_allowed;
    ClockOfTheCaller clock_of_the_caller: all_time_is_the_stores_clock;
    ReleaseForgets release_forgets: released_key_can_be_acquired_again;
    FencesCountFromOne fences_count_from_one: generation_is_monotonic_across_takeovers_and_expiry;
    FencesStay fences_stay: the_fence_of_a_key_grows_strictly;
    TouchesWhatItRefuses touches_what_it_refuses: a_rejected_duplicate_changes_nothing;
    TouchesWhatItReplays touches_what_it_replays: replay_costs_one_round_trip;
    ClaimsWithoutALease claims_without_a_lease: every_running_record_has_a_lease;
    LeaseIgnoresTheRequest lease_ignores_the_request: same_store_different_config_per_function;
    TakesOverLiveClaims takes_over_live_claims: lease_not_expired_blocks;
    NeverTakesOver never_takes_over: lease_expired_is_taken_over;
    TakesOverWhatIsToBeRefused takes_over_what_is_to_be_refused: takeover_policy_refuse;
    ForgetsThePolicyOfAClaim forgets_the_policy_of_a_claim: purge_keeps_lapsed_refuse;
    IgnoresMaxAttempts ignores_max_attempts: exhausted_after_max_attempts;
    IgnoresAdmission ignores_admission: unissued_token_creates_no_record;
    ExpiresOnlyByPurge expires_only_by_purge: expiry_checked_by_predicate_not_by_purge;
    PurgesLapsedClaims purges_lapsed_claims: purge_keeps_stale_lease_with_live_ttl;
    PurgesAbandonedClaims purges_abandoned_claims: purge_keeps_lapsed_refuse;
    PurgesEverythingDone purges_everything_done: purge_keeps_unexpired;
    PurgesInTwoSteps purges_in_two_steps: purge_races_claim;
    PurgesTooMany purges_too_many: purge_batched_and_concurrent;
    PurgesNothing purges_nothing: purge_removes_when_lease_and_ttl_past;
    IgnoresTheCaseOfKeys ignores_the_case_of_keys: key_case_and_trailing_space_significant;
    TrimsKeys trims_keys: key_case_and_trailing_space_significant;
    IgnoresScopes ignores_scopes: two_functions_same_key_same_store;
    CutsOutcomes cuts_outcomes: binary_and_unicode_results;
    ForgetsTheKindOfAnOutcome forgets_the_kind_of_an_outcome: error_stored_when_classified_permanent;
    ForgetsTheVersionOfAnOutcome forgets_the_version_of_an_outcome: schema_version_mismatch_policy_error;
    ForgetsTheCodecOfAnOutcome forgets_the_codec_of_an_outcome: result_over_limit_policy_marker;
    MakesNullNothing makes_null_nothing: none_result_replays;
    IssuesWhatIsTaken issues_what_is_taken: issuing_a_taken_key_changes_nothing;
    IssuesInTwoSteps issues_in_two_steps: expired_key_is_issued_anew_by_one;
    HearsNothing hears_nothing: a_listener_hears_every_end;
    IgnoresAdmission ignores_admission_of_tokens: unknown_expired_forged_and_foreign_tokens_create_no_record;
}
