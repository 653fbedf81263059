// SPDX-License-Identifier: Apache-2.0

/**
 * The bugs HMM once had, one card each: {@link org.hmm4j.testkit.gallery.BugCards} is the list,
 * {@link org.hmm4j.testkit.gallery.Scene} the stage, {@link org.hmm4j.testkit.gallery.MutantEngine}
 * brings a bug back.
 */
package org.hmm4j.testkit.gallery;
