// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.junit;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.ExplorationResult;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.SimWorld;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Explores a method that is marked {@link Explore} instead of calling it once. */
public final class ExploreExtension implements ParameterResolver, InvocationInterceptor {

  /** Makes the extension; JUnit does this. */
  public ExploreExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == SimWorld.class
        && AnnotationSupport.isAnnotated(parameter.getDeclaringExecutable(), Explore.class);
  }

  /** Leaves the place of the world empty: each run has its own. */
  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return null;
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    Method body = method.getExecutable();
    Explore explore =
        AnnotationSupport.findAnnotation(body, Explore.class)
            .orElseThrow(() -> new ExtensionConfigurationException("not marked: " + body));
    int place = List.of(body.getParameterTypes()).indexOf(SimWorld.class);
    if (place < 0) {
      throw new ExtensionConfigurationException(
          "a method marked @Explore gets a SimWorld, but this one has no such parameter: " + body);
    }
    body.setAccessible(true);
    Object instance = method.getTarget().orElse(null);
    invocation.skip();
    ExplorationResult result =
        Exploration.of(world -> call(body, instance, arguments(method, place, world)))
            .name(body.getDeclaringClass().getName() + "#" + body.getName())
            .schedules(explore.schedules())
            .scheduler(explore.scheduler())
            .seed(explore.seed())
            .stepBudget(explore.stepBudget())
            .jobs(explore.jobs())
            .run();
    context.publishReportEntry("hmm4j", result.toString());
    if (result.failure().isPresent()) {
      writeReports(body, result.failure().get());
    }
    result.assertClean();
  }

  private static void writeReports(Method body, Failure failure) throws IOException {
    String folder = System.getProperty(Explore.REPORTS_PROPERTY);
    if (folder != null) {
      Path target = Files.createDirectories(Path.of(folder));
      String name = body.getDeclaringClass().getName() + "." + body.getName();
      Files.writeString(target.resolve(name + ".html"), failure.report().html());
      Files.writeString(target.resolve(name + ".trace.json"), failure.report().trace());
    }
  }

  private static Object[] arguments(
      ReflectiveInvocationContext<Method> method, int place, SimWorld world) {
    Object[] arguments = method.getArguments().toArray();
    arguments[place] = world;
    return arguments;
  }

  private static void call(Method body, Object instance, Object[] arguments) throws Exception {
    try {
      body.invoke(instance, arguments);
    } catch (InvocationTargetException thrown) {
      Throwable cause = thrown.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      throw (Exception) cause;
    }
  }
}
