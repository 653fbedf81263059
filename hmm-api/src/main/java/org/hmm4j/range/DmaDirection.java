// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

/** Who moves data: {@code enum dma_data_direction}, include/linux/dma-direction.h, v5.3. */
public enum DmaDirection {
  /** The device reads and writes: {@code DMA_BIDIRECTIONAL}. */
  BIDIRECTIONAL,
  /** The device only reads: {@code DMA_TO_DEVICE}. */
  TO_DEVICE
}
