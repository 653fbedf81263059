// SPDX-License-Identifier: Apache-2.0

/**
 * All primitives of {@code org.hmm4j.kernel}, once, on top of the machine port.
 *
 * <p>{@link org.hmm4j.impl.kernel.BootedKernel} is the entry point. Nothing here blocks but through
 * {@code Machine.park} and {@code parkUntil}; a wait loop tests its condition again after each of
 * them. Reading order:
 *
 * <ol>
 *   <li>{@code Tasks} finds the {@code TaskContext} of the calling task: the locks it holds, why it
 *       may not sleep, the read sections it has open. Every acquire and release of every lock goes
 *       through there.
 *   <li>{@code LockValidator} is lockdep: it decides by {@code LockClass} whether a lock may be
 *       taken, asks {@code ChainCache} first and {@code LockGraph} if that does not know, and has
 *       {@code LockReport} tell what is wrong. {@code PseudoLocks} is what its users see of it.
 *   <li>{@code RawLock} is the one bare lock; {@code ParkingSpinLock} and {@code OwnedMutex} are
 *       thin layers over it, {@code FifoRwSemaphore} uses it to guard its line. {@code LockMap} is
 *       no lock at all, but is held like one.
 *   <li>{@code ParkingWaitQueue} is the one place where tasks wait for a condition; {@code
 *       CountedCompletion} and the grace periods of {@code EpochSrcu} use it.
 *   <li>{@code EpochSrcu} counts sections by {@code Epoch}; {@code SrcuCallbacks} runs what waits
 *       for them, at the latest when {@code DeferredWork} of a task is due.
 *   <li>{@code AllocationBook}, {@code WarningLog}, {@code SaturatingKref} stand alone.
 * </ol>
 *
 * <p>Fields that several tasks use are volatile and changed through a {@code VarHandle} of the same
 * name in capitals. Internal critical sections contain no preemption point.
 */
package org.hmm4j.impl.kernel;
