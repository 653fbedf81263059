// SPDX-License-Identifier: Apache-2.0

/**
 * The machine port: tasks, parking, monotonic time and preemption points.
 *
 * <p>Everything above this package blocks, waits and measures time only through {@link
 * org.hmm4j.machine.Machine}. The engine ships a machine of real JDK threads; a deterministic
 * machine that runs one task at a time can take its place without touching a lock, a notifier or
 * the page walk. Mirrors the part that the scheduler and the timers play in the kernel.
 */
package org.hmm4j.machine;
