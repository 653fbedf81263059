// SPDX-License-Identifier: Apache-2.0

/**
 * The engine. {@link org.hmm4j.impl.Engine} puts the layers together; read them in the order of the
 * api: machine, kernel, mm, notifier, range.
 */
package org.hmm4j.impl;
