// SPDX-License-Identifier: Apache-2.0

/**
 * JUnit 5 support: {@link org.hmm4j.testkit.junit.Explore} runs a test method under many schedules.
 * Needs {@code junit-jupiter-api} on the path.
 */
package org.hmm4j.testkit.junit;
