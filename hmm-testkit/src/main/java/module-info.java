// SPDX-License-Identifier: Apache-2.0

/**
 * The rest of the world, faked: an address space, devices and their drivers, the recorded Linux
 * corpus, and a command line.
 */
module org.hmm4j.testkit {
  requires transitive org.hmm4j.api;
  requires org.hmm4j.impl;
  requires org.slf4j;
  requires static com.fasterxml.jackson.core;
  requires static java.compiler;
  requires static info.picocli;
  requires static transitive org.junit.jupiter.api;
  requires static org.junit.platform.commons;

  exports org.hmm4j.testkit.mm;
  exports org.hmm4j.testkit.device;
  exports org.hmm4j.testkit.driver;
  exports org.hmm4j.testkit.report;
  exports org.hmm4j.testkit.oracle;
  exports org.hmm4j.testkit.record;
  exports org.hmm4j.testkit.sim;
  exports org.hmm4j.testkit.junit;

  opens org.hmm4j.testkit.cli to
      info.picocli;
}
