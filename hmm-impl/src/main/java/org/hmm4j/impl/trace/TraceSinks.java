// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.trace;

import org.hmm4j.trace.TraceProvider;
import org.hmm4j.trace.TraceRing;
import org.hmm4j.trace.TraceSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sinks of this engine. Found by {@link java.util.ServiceLoader}. */
public final class TraceSinks implements TraceProvider {

  /** Also the name of the package that users know. */
  private static final Logger LOG = LoggerFactory.getLogger("org.hmm4j.trace");

  /** For the service loader. */
  public TraceSinks() {}

  @Override
  public TraceRing ring(int capacity) {
    return new OverwritingRing(capacity);
  }

  @Override
  public TraceSink log() {
    return event -> LOG.trace("{}", event);
  }
}
