// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Finds the version that the build wrote into the jar. */
final class ManifestVersion implements IVersionProvider {

  @Override
  public String[] getVersion() {
    Class<?> here = ManifestVersion.class;
    // The manifest counts on the class path, the module descriptor on the module path.
    String version =
        Optional.ofNullable(here.getPackage().getImplementationVersion())
            .or(
                () ->
                    Optional.ofNullable(here.getModule().getDescriptor())
                        .flatMap(d -> d.rawVersion()))
            .orElse("(not from a jar)");
    return new String[] {"hmm " + version};
  }
}
