// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.List;
import java.util.stream.Stream;

/** All mutants. */
final class Mutants {

  private Mutants() {}

  static List<Mutant> all() {
    return Stream.of(
            MirrorMutants.all(),
            RegistrationMutants.all(),
            DriverMutants.all(),
            WalkMutants.all(),
            NotifierMutants.all())
        .flatMap(List::stream)
        .toList();
  }
}
