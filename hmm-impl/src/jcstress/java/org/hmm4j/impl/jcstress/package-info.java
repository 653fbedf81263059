// SPDX-License-Identifier: Apache-2.0

/**
 * Concurrency stress tests on real threads: {@code mvn -Pjcstress -pl hmm-impl -am -DskipTests
 * package}, then {@code java -jar hmm-impl/target/jcstress.jar}.
 *
 * <p>One class for each primitive of the kernel layer and for each protocol of the engine. Every
 * outcome is listed, and what must not be seen is named by a FORBIDDEN outcome; one that is not
 * listed counts as forbidden too. Each state is one small world with fresh primitives or a fresh
 * address space; all states of a JVM share the kernel, {@link
 * org.hmm4j.impl.jcstress.SharedKernel}.
 */
package org.hmm4j.impl.jcstress;
