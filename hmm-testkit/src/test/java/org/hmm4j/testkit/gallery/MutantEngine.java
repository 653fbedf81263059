// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;

/** Compiles a mutant in memory and loads it beside the engine as it is. */
final class MutantEngine {

  private static final String IMPL = "org.hmm4j.impl.";
  private static final String ENGINE = IMPL + "Engine";

  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
  private final StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
  private final List<String> options = List.of("-proc:none", "-nowarn", "-cp", classPath());

  /** Builds a mutant; fails if a step to undo is not there exactly once. */
  Subject build(Mutant mutant) {
    Map<String, byte[]> classes = compile(mutant);
    Loader loader = new Loader(classes);
    boolean engine = classes.keySet().stream().anyMatch(name -> name.startsWith(IMPL));
    Subject ours = Subject.ours();
    return engine
        ? new Subject(loader.make(ENGINE, KernelProvider.class), ours.nouveau())
        : new Subject(ours.kernels(), loader.nouveau(mutant.patches().get(0).className()));
  }

  private Map<String, byte[]> compile(Mutant mutant) {
    Map<String, String> sources = new LinkedHashMap<>();
    for (Patch patch : mutant.patches()) {
      String source = sources.getOrDefault(patch.className(), patch.source());
      sources.put(patch.className(), patch.apply(source));
    }
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text)));
    Memory memory = new Memory(files);
    StringWriter errors = new StringWriter();
    if (!compiler.getTask(errors, memory, null, options, null, units).call()) {
      throw new AssertionError("mutant " + mutant.name() + " does not compile:\n" + errors);
    }
    return memory.bytes();
  }

  /** Everything this test runs on, whether it came as a module or on the class path. */
  private static String classPath() {
    Stream<String> modules =
        ModuleLayer.boot().configuration().modules().stream()
            .map(ResolvedModule::reference)
            .flatMap(reference -> reference.location().stream())
            .filter(location -> "file".equals(location.getScheme()))
            .map(location -> Path.of(location).toString());
    Stream<String> rest =
        Stream.of("jdk.module.path", "java.class.path")
            .flatMap(key -> Stream.of(System.getProperty(key, "").split(File.pathSeparator, -1)));
    Set<String> all =
        Stream.concat(modules, rest)
            .filter(entry -> !entry.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return String.join(File.pathSeparator, all);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("mutant:///" + name.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Keeps what the compiler writes. */
  private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

    Memory(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      written.put(name, bytes);
      return new SimpleJavaFileObject(URI.create("mutant:///" + name), kind) {
        @Override
        public OutputStream openOutputStream() {
          return bytes;
        }
      };
    }

    Map<String, byte[]> bytes() {
      Map<String, byte[]> bytes = new HashMap<>();
      written.forEach((name, stream) -> bytes.put(name, stream.toByteArray()));
      return bytes;
    }
  }

  /** Prefers its own copy of the mutated layer; shares the API with everybody. */
  private static final class Loader extends ClassLoader {
    private final Map<String, byte[]> mutated;

    Loader(Map<String, byte[]> mutated) {
      super(MutantEngine.class.getClassLoader());
      this.mutated = mutated;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        byte[] bytes = mutated.get(name);
        if (bytes == null && name.startsWith(IMPL)) {
          bytes = asItIs(name);
        }
        return bytes == null
            ? super.loadClass(name, resolve)
            : defineClass(name, bytes, 0, bytes.length);
      }
    }

    private byte[] asItIs(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (var in = getParent().getResourceAsStream(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    <T> T make(String name, Class<T> type) {
      try {
        return type.cast(loadClass(name).getConstructor().newInstance());
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("mutant of " + name, e);
      }
    }

    Subject.Nouveau nouveau(String name) {
      return (mirror, range, block) -> {
        try {
          return (Errno)
              loadClass(name)
                  .getMethod(block ? "fault" : "faultAllowRetry", HmmMirror.class, HmmRange.class)
                  .invoke(null, mirror, range);
        } catch (ReflectiveOperationException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new LinkageError("mutant of " + name, e);
        }
      };
    }
  }
}
