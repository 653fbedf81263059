// SPDX-License-Identifier: Apache-2.0

/**
 * The bugs that HMM once had, each put back into the engine: {@link
 * org.hmm4j.testkit.gallery.Mutants} is the list, {@link org.hmm4j.testkit.gallery.MutantEngine}
 * brings one back.
 */
package org.hmm4j.testkit.gallery;
