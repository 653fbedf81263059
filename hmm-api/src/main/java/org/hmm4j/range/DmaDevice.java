// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

/**
 * What a device that reaches memory over a bus implements for {@link HmmMirror#dmaMap}: {@code
 * dma_map_page}, {@code dma_mapping_error} and {@code dma_unmap_page}, include/linux/dma-mapping.h,
 * v5.3. Always for whole pages. An exception thrown here is reported as {@link
 * org.hmm4j.kernel.KernelBug.Rule#CALLBACK_THREW} when all other pages have been dealt with.
 */
public interface DmaDevice {

  /** No bus address: {@code DMA_MAPPING_ERROR}. */
  long MAPPING_ERROR = -1L;

  /**
   * Lets the device reach a page: {@code dma_map_page}. Context: that of the caller of {@link
   * HmmMirror#dmaMap}, mmap lock held; must not sleep.
   *
   * @param pfn the page frame
   * @param direction who moves data
   * @return the page's address on the bus, 0 included; {@link #MAPPING_ERROR} if there is none:
   *     then nothing is mapped
   */
  long mapPage(long pfn, DmaDirection direction);

  /**
   * Takes a page from the device again: {@code dma_unmap_page}. Called exactly once for each
   * success of {@link #mapPage}. Context: that of the caller; must not sleep.
   *
   * @param dmaAddress what {@link #mapPage} answered
   * @param direction as given to {@link #mapPage}
   */
  void unmapPage(long dmaAddress, DmaDirection direction);
}
