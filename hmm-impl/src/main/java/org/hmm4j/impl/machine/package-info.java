// SPDX-License-Identifier: Apache-2.0

/**
 * The machine of real JDK threads, behind the port of {@code org.hmm4j.machine}.
 *
 * <p>{@link org.hmm4j.impl.machine.JdkMachine} is the entry point; a kernel boots on one of its own
 * unless its options name another machine. Plays the part of kernel/sched/core.c.
 */
package org.hmm4j.impl.machine;
