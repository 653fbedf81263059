// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.Locale;
import org.hmm4j.testkit.oracle.DriverKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a driver in lower case. */
final class DriverKindConverter implements ITypeConverter<DriverKind> {

  /** What {@code --help} says of the option. */
  static final String DESCRIPTION =
      "How devices follow the page tables: interval (notifiers of Linux 5.5 and later) or mirror"
          + " (hmm_mirror of Linux 5.3). Default: ${DEFAULT-VALUE}.";

  @Override
  public DriverKind convert(String value) {
    for (DriverKind kind : DriverKind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(value)) {
        return kind;
      }
    }
    throw new TypeConversionException("want interval or mirror, got '" + value + "'");
  }
}
