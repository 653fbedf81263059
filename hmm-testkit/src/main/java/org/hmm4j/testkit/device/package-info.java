// SPDX-License-Identifier: Apache-2.0

/**
 * Parts of a device: what a driver programs and what then accesses memory by itself.
 *
 * <p>{@link org.hmm4j.testkit.device.DevicePageTable} maps addresses to page frames under the lock
 * of its driver; {@link org.hmm4j.testkit.device.CopyEngine} reads and writes memory through it.
 */
package org.hmm4j.testkit.device;
