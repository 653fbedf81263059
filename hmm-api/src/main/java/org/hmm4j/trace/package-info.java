// SPDX-License-Identifier: Apache-2.0

/**
 * What happens in a kernel, told to whoever wants to know: the tracepoints.
 *
 * <p>{@link org.hmm4j.trace.TracePoint} lists what is told. A {@link org.hmm4j.trace.TraceSink}
 * takes the {@linkplain org.hmm4j.trace.TraceEvent events}; it is given to a kernel by {@link
 * org.hmm4j.kernel.KernelOptions#trace}. There is a {@linkplain org.hmm4j.trace.TraceRing ring} of
 * the last events and a {@linkplain org.hmm4j.trace.TraceSink#toLog bridge} to the log. An address
 * space or a driver reports its own events through {@link org.hmm4j.kernel.Kernel#tracer}.
 */
package org.hmm4j.trace;
