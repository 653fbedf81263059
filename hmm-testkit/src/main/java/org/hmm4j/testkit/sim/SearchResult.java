// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * What a search came to.
 *
 * @param statistics what it did
 * @param found the failure of the lowest index, or null
 */
record SearchResult(Statistics statistics, Search.Found found) {}
