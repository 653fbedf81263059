// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

/**
 * What has to be faulted in: {@code HMM_NEED_FAULT} and {@code HMM_NEED_WRITE_FAULT}, mm/hmm.c,
 * 6.1.
 */
final class NeedFault {

  static final int NONE = 0;
  static final int FAULT = 1;
  static final int WRITE_FAULT = 2;
  static final int ALL = FAULT | WRITE_FAULT;

  private NeedFault() {}
}
