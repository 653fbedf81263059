// SPDX-License-Identifier: Apache-2.0

/**
 * The kernel layer: locks, reference counts, SRCU, waiting, execution context, object lifetimes and
 * the two ways of complaint, WARN and BUG.
 *
 * <p>{@link org.hmm4j.kernel.Kernel#boot()} is the entry point; all primitives come from the {@link
 * org.hmm4j.kernel.Kernel} that it returns, and nothing is static: a JVM can run thousands of
 * kernels side by side.
 *
 * <table>
 * <caption>What mirrors what</caption>
 * <tr><th>here</th><th>in the kernel (Linux 6.1)</th></tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.SpinLock}</td>
 *   <td>{@code spinlock_t}, include/linux/spinlock.h</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Mutex}</td>
 *   <td>{@code struct mutex}, kernel/locking/mutex.c</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.RwSemaphore}</td>
 *   <td>{@code struct rw_semaphore}, kernel/locking/rwsem.c</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Lockdep}, {@link org.hmm4j.kernel.PseudoLock}</td>
 *   <td>kernel/locking/lockdep.c, {@code struct lockdep_map}</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Kref}</td>
 *   <td>{@code struct kref}, include/linux/kref.h, lib/refcount.c</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Srcu}</td>
 *   <td>{@code struct srcu_struct}, kernel/rcu/srcutree.c</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.WaitQueue}</td>
 *   <td>{@code wait_queue_head_t}, kernel/sched/wait.c</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Completion}</td>
 *   <td>{@code struct completion}, kernel/sched/completion.c</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Context}</td>
 *   <td>{@code might_sleep}, {@code preempt_count}, {@code non_block_start}</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Allocation}</td>
 *   <td>{@code kmalloc}/{@code kfree} under KASAN and kmemleak</td>
 * </tr>
 * <tr>
 *   <td>{@link org.hmm4j.kernel.Errno}</td>
 *   <td>include/uapi/asm-generic/errno-base.h, errno.h</td>
 * </tr>
 * </table>
 *
 * <p><b>Four kinds of failure, never mixed.</b> A protocol answer (busy, fault, permission) is an
 * {@link org.hmm4j.kernel.Errno} result. A wrong argument at wiring time is an {@link
 * java.lang.IllegalArgumentException} or {@link java.lang.NullPointerException}. A misuse at which
 * the kernel prints a warning and goes on is recorded as a {@link org.hmm4j.kernel.Warning}. A
 * misuse at which it would crash throws a {@link org.hmm4j.kernel.KernelBug}. After each of them
 * nothing is leaked, half-registered or left locked.
 */
package org.hmm4j.kernel;
