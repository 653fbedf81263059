// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.hmm4j.testkit.gallery.BugCard.Kind.D;
import static org.hmm4j.testkit.gallery.BugCard.Kind.L;
import static org.hmm4j.testkit.gallery.BugCard.Kind.N;
import static org.hmm4j.testkit.gallery.BugCard.Kind.R;

import java.util.List;
import java.util.stream.Stream;

/** All cards. */
final class BugCards {

  private BugCards() {}

  static List<BugCard> all() {
    return Stream.of(firstPatches(), lastPatches(), laterWalk(), laterCore())
        .flatMap(List::stream)
        .toList();
  }

  private static List<BugCard> firstPatches() {
    return List.of(
        BugCard.of("P01", L, "the build decides about a devmap pud", WalkCards::devmapPud),
        BugCard.of(
                "P02",
                D,
                "the example of the documentation",
                RegistrationCards::mirrorIsNotUnregisteredInPlaceOfItsRange,
                RegistrationCards::releaseStopsTheDevice)
            .withoutMutant("the patch changes text only: there is no step to undo"),
        BugCard.of(
            "P03",
            L,
            "a failed register leaves traces",
            RegistrationCards::failedRegisterLeavesNothing),
        BugCard.of("P04", R, "a NUMA hint counts as a page", WalkCards::numaHintIsNoPage),
        BugCard.of(
            "P05", R, "the mmap lock is dropped unasked", WalkCards::blockingFaultKeepsTheLock),
        BugCard.of(
            "P06",
            R,
            "the hmm is freed under a callback",
            LifetimeCards::hmmDiesUnderAStart,
            LifetimeCards::hmmDiesUnderAnEnd),
        BugCard.of("P07", R, "a range makes an hmm", RegistrationCards::rangeMakesNoHmm),
        BugCard.of("P08", R, "the mm goes before its hmm", LifetimeCards::mmOutlivesHmm),
        BugCard.of(
            "P09",
            R,
            "registering fails for no reason",
            LifetimeCards::dyingHmmIsReplaced,
            LifetimeCards::nothingIsPublishedThatIsNotRegistered),
        BugCard.of(
            "P10",
            L,
            "a wait that is not checked",
            RegistrationCards::waitIsCheckedEvenIfItWouldNotSleep),
        BugCard.of(
                "P11",
                N,
                "ranges look readable without the lock",
                InvalidationCards::rangesAreWalkedUnderTheirLock)
            .withoutMutant("the patch changes nothing at run time: all users held the lock"));
  }

  private static List<BugCard> lastPatches() {
    return List.of(
        BugCard.of(
            "P12", R, "the mm exits under a range", LifetimeCards::rangeKeepsTheMmFromExiting),
        BugCard.of(
            "P13", L, "a lock asked for in a comment", RegistrationCards::registerAssertsTheLock),
        BugCard.of(
            "P14",
            L,
            "a second unregister of a mirror is hidden",
            RegistrationCards::secondUnregisterIsReported),
        BugCard.of(
            "P15",
            L,
            "a second unregister of a range is hidden",
            RegistrationCards::rangeIsPoisoned),
        BugCard.of(
            "P16", R, "unregister overtakes release", LifetimeCards::unregisterWaitsForRelease),
        BugCard.of(
            "P17",
            R,
            "the failures of a start",
            InvalidationCards::failedStartNeverSleeps,
            InvalidationCards::failedStartLeavesTheCount,
            InvalidationCards::refusalIsNotLost,
            InvalidationCards::invalidWhileACallbackRuns),
        BugCard.of(
            "P18",
            L,
            "valid is sampled too early",
            InvalidationCards::unregisterSamplesUnderTheLock),
        BugCard.of(
            "P19",
            R,
            "the lock after an invalid range",
            WalkLoopCards::invalidIsBusyWithTheLockHeld),
        BugCard.of("P20", N, "a time-out leaves the range", DriverCards::timeOutUnregisters),
        BugCard.of(
            "P21",
            R,
            "nouveau's lock after an error",
            DriverCards::lockIsReleasedOnEveryError,
            DriverCards::lockIsReleasedWhenRegisterFails,
            DriverCards::lockIsNotReleasedTwice,
            DriverCards::lockIsReleasedWhenBusy),
        BugCard.of("P22", N, "aliases of the decoders", DriverCards::nothingIsNoPage)
            .withoutMutant(
                "the patch takes away aliases: there is one decoder, and no step to undo"));
  }

  private static List<BugCard> laterWalk() {
    return List.of(
        BugCard.of(
            "2020-A",
            R,
            "a count for a result, and a lost place",
            WalkLoopCards::aHoleIsAnAnswer,
            WalkLoopCards::restartAfterAFault,
            WalkLoopCards::restartAfterAMigration),
        BugCard.of("2020-B", R, "requests shine through", WalkCards::answersAreTheCpuState),
        BugCard.of(
            "X01",
            R,
            "a whole invalidation between fault and check",
            IntervalCards::intervalApiSeesAba,
            IntervalCards::mirrorApiHasAba),
        BugCard.of(
            "X02", R, "a write fault without end", WalkCards::noWriteFaultWhereWritesAreForbidden),
        BugCard.of("X03", R, "a hole without a VMA", WalkCards::noFaultWithoutAVma),
        BugCard.of(
            "X04",
            R,
            "swap and migration are not decided on",
            WalkCards::swapIsFaulted,
            WalkCards::migrationIsWaitedFor),
        BugCard.of(
            "X05", R, "a request is lost at the restart", WalkCards::requestSurvivesTheRestart),
        BugCard.of("X06", R, "a sleep under the pud lock", WalkCards::faultsMaySleep),
        BugCard.of(
            "X07", R, "a huge migration entry is not written", WalkCards::hugeMigrationIsFilled));
  }

  private static List<BugCard> laterCore() {
    return List.of(
        BugCard.of("X08", R, "remove overtakes the end", IntervalCards::removeWaitsForTheEnd),
        BugCard.of("X09", R, "an interval for an mm that is gone", IntervalCards::insertNeedsAUser),
        BugCard.of("X10", R, "a failing start ends nobody", IntervalCards::startedGetTheirEnd),
        BugCard.of(
            "X11",
            R,
            "a failing list leaves the intervals open",
            IntervalCards::failedListEndsTheIntervals),
        BugCard.of("X12", R, "the hugetlb vma lock", WalkCards::hugetlbFaultHoldsNoLock)
            .withoutMutant("Linux 6.1, which the walk follows, has no such lock: it came with 6.2"),
        BugCard.of(
            "X13", R, "the memory of another device", WalkCards::foreignDeviceMemoryIsFaulted),
        BugCard.of("X14", R, "a stray walk", WalkLoopCards::noWalkWithoutTheLock),
        BugCard.of("X15", R, "a look into a null hmm", DriverCards::failedRegisterIsNotLookedInto),
        BugCard.of("X16", R, "a snapshot outside of VMAs", WalkCards::snapshotOutsideVmasSucceeds));
  }
}
