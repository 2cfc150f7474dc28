//! The mistakes.

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    Nothing,
    /// It reads, and writes later on the strength of it.
    ClaimsInTwoSteps,
    /// It writes the outcome of whoever brings one.
    CompleteIgnoresTheClaimId,
    CompletesInTwoSteps,
    ReleaseIgnoresTheClaimId,
    ExtendIgnoresTheClaimId,
    AbandonIgnoresTheClaimId,
    /// What was given up may be taken over when its lease is over, as any other claim.
    AbandonKeepsThePolicy,
    AbandonReleases,
    OneLostClaimFailsAllRenewals,
    ResolveIgnoresTheClaimId,
    ResolveIgnoresTheLease,
    ExtendInsertsWhatIsMissing,
    ExtendRevivesWhatHasEnded,
    ExtendLeavesTheEnd,
    /// It completes a claim again, with another outcome.
    CompleteOverwrites,
    CompleteKeepsTheEndOfTheClaim,
    CompleteForgetsTheFingerprint,
    RepeatedCompleteIsLost,
    RepeatedReleaseIsLost,
    RepeatedClaimIsInProgress,
    RepeatedClaimKeepsItsLease,
    RefusesAHolderWhoseLeaseRanOut,
    ClaimIgnoresFingerprints,
    ChecksFingerprintsOnlyOfOutcomes,
    ChecksFingerprintsOnlyOfLiveClaims,
    ComparesOnlyTheDigest,
    KeepsTheFingerprintOfTheFirstAttempt,
    ClockOfTheCaller,
    /// A release removes the record, and with it the fence and the attempts.
    ReleaseForgets,
    /// Fences count from one, so that they begin again after a purge.
    FencesCountFromOne,
    FencesStay,
    TouchesWhatItRefuses,
    TouchesWhatItReplays,
    ClaimsWithoutALease,
    LeaseIgnoresTheRequest,
    TakesOverLiveClaims,
    NeverTakesOver,
    TakesOverWhatIsToBeRefused,
    ForgetsThePolicyOfAClaim,
    IgnoresMaxAttempts,
    IgnoresAdmission,
    ExpiresOnlyByPurge,
    PurgesLapsedClaims,
    PurgesAbandonedClaims,
    PurgesEverythingDone,
    PurgesTooMany,
    PurgesInTwoSteps,
    PurgesNothing,
    IgnoresTheCaseOfKeys,
    TrimsKeys,
    IgnoresScopes,
    CutsOutcomes,
    ForgetsTheKindOfAnOutcome,
    ForgetsTheVersionOfAnOutcome,
    ForgetsTheCodecOfAnOutcome,
    MakesNullNothing,
    /// It issues a key again that has a record, and forgets what became of it.
    IssuesWhatIsTaken,
    IssuesInTwoSteps,
    /// It says that it tells of ends, and does not.
    HearsNothing,
}
