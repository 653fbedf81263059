// SPDX-License-Identifier: Apache-2.0

/**
 * The oracle: what a real Linux kernel answered, and whether a model answers the same.
 *
 * <p>{@link org.hmm4j.testkit.oracle.Corpus} holds the recorded traces that come with the testkit;
 * {@link org.hmm4j.testkit.oracle.TraceReader} reads more of them. {@link
 * org.hmm4j.testkit.oracle.Replayer} runs a trace and gives a {@link
 * org.hmm4j.testkit.oracle.ReplayReport}:
 *
 * <pre>{@code
 * Trace trace = Corpus.linux61().trace("basic").orElseThrow();
 * ReplayReport report =
 *     new Replayer(FakeReplayWorld.factory(DriverKind.INTERVAL)).replay(trace, ReplayProgress.NONE);
 * assert report.allMatched() : report.differences();
 * }</pre>
 *
 * <p><b>The recording.</b> A {@link org.hmm4j.testkit.oracle.Trace} is a list of {@link
 * org.hmm4j.testkit.oracle.Scenario}, each of them a fresh process; a scenario is a list of {@link
 * org.hmm4j.testkit.oracle.Step}: an {@link org.hmm4j.testkit.oracle.Operation} and the {@link
 * org.hmm4j.testkit.oracle.Answer} of Linux. {@code toString} of each gives back the recorded text.
 *
 * <table>
 * <caption>Which operation has which answer when it succeeds</caption>
 * <tr><th>operation</th><th>answer</th><th>text</th></tr>
 * <tr><td>{@code cpu_write}, {@code child_write}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.Stored}</td><td>{@code SIGSEGV@2}</td></tr>
 * <tr><td>{@code cpu_read}, {@code child_read}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.Loaded}</td><td>{@code ok values 7*2}</td></tr>
 * <tr><td>{@code dev_read}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.DeviceRead}</td>
 *     <td>{@code 0 cpages 2 faults 1 values 7*2}</td></tr>
 * <tr><td>{@code dev_write}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.DeviceWritten}</td>
 *     <td>{@code 0 cpages 2 faults 1}</td></tr>
 * <tr><td>{@code snapshot}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.Snapped}</td>
 *     <td>{@code 0 cpages 2 perms 02 ff}</td></tr>
 * <tr><td>{@code range_fault}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.Faulted}</td><td>{@code 0 pfns VW V}</td></tr>
 * <tr><td>{@code to_dev}, {@code exclusive}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.Taken}</td>
 *     <td>{@code 0 cpages 2 values 7*2}</td></tr>
 * <tr><td>{@code to_sys}</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.MovedBack}</td><td>{@code 0 cpages 2}</td></tr>
 * <tr><td>all others, and every failure</td>
 *     <td>{@link org.hmm4j.testkit.oracle.Answer.Status}</td><td>{@code 0}, {@code EFAULT}</td></tr>
 * </table>
 *
 * <p><b>The replay.</b> A {@link org.hmm4j.testkit.oracle.ReplayWorldFactory} makes a {@link
 * org.hmm4j.testkit.oracle.ReplayWorld} for each scenario. {@link
 * org.hmm4j.testkit.oracle.FakeReplayWorld} is the one over the fake address space and the test
 * devices of this testkit. What differs is shown as a {@link org.hmm4j.testkit.oracle.Difference},
 * with the page tables of CPU and devices side by side.
 */
package org.hmm4j.testkit.oracle;
