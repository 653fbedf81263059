// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.hmm4j.testkit.oracle.DriverKind;
import org.hmm4j.testkit.oracle.FakeReplayWorld;
import org.hmm4j.testkit.oracle.ReplayWorldFactory;

/**
 * What the commands need from around them.
 *
 * @param worlds makes worlds for the driver that the user chose
 * @param nanoTime the time, for what a user is told and nothing else
 * @param terminal whether a person is looking
 * @param environment answers environment variables, or null
 */
record Surroundings(
    Function<DriverKind, ReplayWorldFactory> worlds,
    LongSupplier nanoTime,
    BooleanSupplier terminal,
    UnaryOperator<String> environment) {

  static Surroundings ofProcess() {
    return new Surroundings(
        FakeReplayWorld::factory, System::nanoTime, Terminal::isAttached, System::getenv);
  }
}
