// SPDX-License-Identifier: Apache-2.0

/**
 * Benchmarks: {@code mvn -Pjmh -pl hmm-impl -am -DskipTests package}, then {@code java -jar
 * hmm-impl/target/benchmarks.jar}.
 *
 * <p>{@link org.hmm4j.impl.bench.Benchmarks} runs them and prints, for each, its ratio to a floor
 * measured in the same run. Only ratios travel between machines.
 */
package org.hmm4j.impl.bench;
