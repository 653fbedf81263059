// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;

/** Compiles a mutant in memory and loads it beside the engine as it is. */
final class MutantEngine {

  private static final String ENGINE = MutantLoader.IMPL + "Engine";

  private final InMemoryCompiler compiler;

  /**
   * Finds the compiler.
   *
   * @throws IllegalStateException where there is none
   */
  MutantEngine() {
    if (ModuleLayer.boot().findModule("jdk.compiler").isEmpty()) {
      throw new IllegalStateException(
          "mutants are compiled when they are needed, and this Java has no compiler: needs a JDK"
              + " (module jdk.compiler)");
    }
    compiler = new InMemoryCompiler();
  }

  /**
   * Builds a mutant.
   *
   * @throws IllegalStateException if a step to undo is not there exactly once
   */
  Subject build(Mutant mutant) {
    Map<String, byte[]> classes = compiler.compile(sources(mutant));
    MutantLoader loader = new MutantLoader(classes);
    boolean engine = classes.keySet().stream().anyMatch(name -> name.startsWith(MutantLoader.IMPL));
    Subject ours = Subject.ours();
    return engine
        ? new Subject(kernels(loader), ours.nouveau())
        : new Subject(ours.kernels(), nouveau(loader, mutant.patches().get(0).className()));
  }

  private static Map<String, String> sources(Mutant mutant) {
    Map<String, String> sources = new LinkedHashMap<>();
    for (Patch patch : mutant.patches()) {
      String source = sources.getOrDefault(patch.className(), patch.source());
      sources.put(patch.className(), patch.apply(source));
    }
    return sources;
  }

  private static KernelProvider kernels(MutantLoader loader) {
    try {
      return (KernelProvider) loader.loadClass(ENGINE).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("mutant of " + ENGINE, e);
    }
  }

  private static Subject.Nouveau nouveau(MutantLoader loader, String name) {
    MethodHandle keeping = handle(loader, name, "fault");
    MethodHandle dropping = handle(loader, name, "faultAllowRetry");
    return (mirror, range, block) -> {
      try {
        return (Errno) (block ? keeping : dropping).invokeExact(mirror, range);
      } catch (RuntimeException | Error thrown) {
        throw thrown;
      } catch (Throwable thrown) {
        throw new LinkageError("mutant of " + name, thrown);
      }
    };
  }

  private static MethodHandle handle(MutantLoader loader, String name, String method) {
    MethodType type = MethodType.methodType(Errno.class, HmmMirror.class, HmmRange.class);
    try {
      return MethodHandles.publicLookup().findStatic(loader.loadClass(name), method, type);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("mutant of " + name, e);
    }
  }
}
