// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

import org.hmm4j.notifier.MmuNotifierEvent;

/**
 * What a mirror is told of an invalidation: {@code struct hmm_update}, include/linux/hmm.h, v5.3;
 * with the event and owner that v5.4 added by handing out the core's own range.
 *
 * @param start first address, in bytes
 * @param end first address beyond
 * @param blockable whether the callback may sleep
 * @param event why
 * @param owner who causes it, or null
 */
public record HmmUpdate(
    long start, long end, boolean blockable, MmuNotifierEvent event, Object owner) {}
