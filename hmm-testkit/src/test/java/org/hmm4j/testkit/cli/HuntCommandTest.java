// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hmm hunt}, {@code explore}, {@code replay-token} and {@code merge}. */
class HuntCommandTest {

  @TempDir Path folder;

  private static CommandRun run(String... args) {
    return CommandRun.of(false, args);
  }

  private static CommandRun run(Map<String, String> environment, String... args) {
    return CommandRun.of(
        new Surroundings(
            kind -> scenario -> Optional.of(new EchoWorld(scenario)),
            () -> 0,
            () -> false,
            environment::get),
        args);
  }

  private static String lastLine(CommandRun run) {
    return run.out().lines().reduce("", (before, line) -> line);
  }

  private Path json(String name) {
    return folder.resolve(name);
  }

  @Test
  void listsBugsWithRuleAndText() {
    CommandRun run = run("hunt", "--list");

    assertEquals(45, run.out().lines().count());
    assertTrue(
        run.out().contains("P17(a)     I21   a start that fails does not take its count back\n"));
    assertEquals(0, run.exitCode());
  }

  @Test
  void findsABugAndShowsItAgain() throws IOException {
    CommandRun hunt = run("hunt", "P17(d)", "--seed", "3");
    assertTrue(hunt.out().contains("I25: "), hunt.out());
    assertEquals(
        "OK: 1 of 1 bugs found, 1 of them in under 1000 schedules"
            + " (portfolio, seed 3, shard 1/1).",
        lastLine(hunt));
    assertEquals("", hunt.err());
    assertEquals(0, hunt.exitCode());

    String token = hunt.out().replaceAll("(?s).*-Dhmm.replay=(\\S+).*", "$1");
    String page = json("run.html").toString();
    String events = json("run.json").toString();
    CommandRun replay = run("replay-token", token, "--html", page, "--trace", events);
    assertTrue(replay.out().contains("I25: "), replay.out());
    assertEquals(1, replay.exitCode());
    assertTrue(Files.readString(Path.of(page)).startsWith("<!DOCTYPE html>"));
    assertTrue(Files.readString(Path.of(events)).startsWith("{"));
  }

  @Test
  void saysWhatWasNotFound() {
    CommandRun run = run("hunt", "X08", "--schedules", "1", "--scheduler", "round-robin");

    List<String> lines = run.out().lines().map(line -> line.replaceAll(" +", " ")).toList();
    assertEquals("bug found schedules ms rule operations steps switches", lines.get(0));
    assertTrue(lines.get(1).startsWith("X08 no 1 "), run.out());
    assertEquals(
        "NOT OK: 0 of 1 bugs found, 0 of them in under 1000 schedules"
            + " (round-robin, seed 42, shard 1/1).",
        lines.get(3));
    assertEquals(1, run.exitCode());
  }

  @Test
  void raisesNoAlarmOnTheEngineAsItIs() {
    CommandRun run = run("hunt", "--clean", "P17", "X01", "--schedules", "20", "--jobs", "2");

    assertEquals(
        "OK: 0 alarms in 100 schedules of 5 scenarios (portfolio, seed 42, shard 1/1).",
        lastLine(run));
    assertEquals(0, run.exitCode());
  }

  @Test
  void addsUpParts() throws IOException {
    Map<String, String> slurm =
        Map.of(
            "SLURM_ARRAY_TASK_ID", "6",
            "SLURM_ARRAY_TASK_MIN", "5",
            "SLURM_ARRAY_TASK_COUNT", "2");
    String one = json("1.json").toString();
    String two = json("2.json").toString();
    String sum = json("sum.json").toString();
    String[] bugs = {"hunt", "P14", "P03", "--schedules", "400", "--json"};

    CommandRun first =
        run(bugs[0], bugs[1], bugs[2], bugs[3], bugs[4], "--shard", "1/2", bugs[5], one);
    assertEquals(0, first.exitCode(), first.err());
    CommandRun second = run(slurm, bugs[0], bugs[1], bugs[2], bugs[3], bugs[4], bugs[5], two);
    assertTrue(lastLine(second).endsWith("shard 2/2)."), second.out());
    CommandRun merged = run("merge", one, two, "--json", sum);

    assertEquals(
        "OK: 2 of 2 bugs found, 2 of them in under 1000 schedules"
            + " (portfolio, seed 42, shard 1/2, 2/2).",
        lastLine(merged));
    assertEquals(0, merged.exitCode());
    assertEquals(merged.out(), run("merge", sum).out());
    String text = Files.readString(Path.of(sum));
    assertTrue(text.contains("\"token\" : \"v1:P14:"), text);

    assertEquals("hmm merge: shard 1/2 of seed 42 is there twice\n", run("merge", one, one).err());
  }

  private String part(String name, String bug, String seed, String shard) {
    String file = json(name).toString();
    run("hunt", bug, "--schedules", "30", "--seed", seed, "--shard", shard, "--json", file);
    return file;
  }

  @Test
  void saysWhichPartsAreMissing() {
    String one = part("1.json", "P03", "1", "1/3");
    String three = part("3.json", "P03", "1", "3/3");
    String otherSeed = part("s.json", "P03", "2", "2/2");
    String some = json("some.json").toString();

    CommandRun merged = run("merge", one, three, otherSeed, "--json", some);
    assertEquals("NOT OK: missing: shard 2/3 of seed 1, shard 1/2 of seed 2", lastLine(merged));
    assertEquals(1, merged.exitCode());
    assertEquals(merged.out(), run("merge", some).out());

    String two = part("2.json", "P03", "1", "2/3");
    String rest = part("r.json", "P03", "2", "1/2");
    CommandRun all = run("merge", two, some, rest);
    assertEquals(0, all.exitCode(), all.out() + all.err());
    assertTrue(
        lastLine(all).endsWith("(portfolio, seed 1, 2, shard 2/3, 1/3, 3/3, 2/2, 1/2)."),
        all.out());
    assertEquals(
        "NOT OK: missing: shard 1/20 of seed 3, shard 2/20 of seed 3, shard 3/20 of seed 3,"
            + " shard 4/20 of seed 3, shard 5/20 of seed 3, shard 6/20 of seed 3,"
            + " shard 7/20 of seed 3, shard 8/20 of seed 3 and 11 more",
        lastLine(run("merge", part("n.json", "P03", "3", "20/20"))));
  }

  @Test
  void addsNoPartTwiceAndNoPartsOfDifferentHunts() {
    String one = part("1.json", "P03", "1", "1/2");
    String two = part("2.json", "P03", "1", "2/2");
    String sum = json("sum.json").toString();
    run("merge", one, two, "--json", sum);

    CommandRun twice = run("merge", sum, two);
    assertEquals("hmm merge: shard 2/2 of seed 1 is there twice\n", twice.err());
    assertEquals(2, twice.exitCode());
    assertEquals(
        "hmm merge: these can't be added: shard 1/2 of seed 1 and 2/3\n",
        run("merge", one, part("3.json", "P03", "1", "2/3")).err());
    assertEquals(
        "hmm merge: these can't be added: shard 1/2 of seed 1 and shard 2/2 of seed 1 were not for"
            + " the same bugs\n",
        run("merge", one, part("4.json", "P14", "1", "2/2")).err());
  }

  @Test
  void explainsAMergeOfWhatIsNoResult() throws IOException {
    Path broken = Files.writeString(json("broken.json"), "{\"hmm-hunt\": 2,");
    Path other = Files.writeString(json("other.json"), "{\"hmm-hunt\": 1}");
    Path empty = Files.writeString(json("empty.json"), "{\"hmm-hunt\": 2}");

    CommandRun gone = run("merge", json("gone.json").toString());
    assertEquals("hmm merge: " + json("gone.json") + " can't be read: no such file\n", gone.err());
    assertEquals(2, gone.exitCode());
    String first = run("merge", broken.toString()).err();
    assertTrue(first.startsWith("hmm merge: " + broken + " is no JSON: "), first);
    assertEquals(1, first.lines().count());
    assertEquals(
        "hmm merge: " + other + ": not the results of a hunt, version 2\n",
        run("merge", other.toString()).err());
    assertEquals(
        "hmm merge: " + empty + ": field 'clean' is missing\n",
        run("merge", empty.toString()).err());
  }

  @Test
  void exploresAScenario() {
    CommandRun run = run("explore", "P14", "--schedules", "50");

    assertTrue(run.out().startsWith("clean/P14: 50 schedules, "), run.out());
    assertTrue(run.out().endsWith(", clean\n"), run.out());
    assertEquals(0, run.exitCode());
    assertEquals(
        "hmm explore: the gallery has no scenario 'P17'; there are those of the bugs, and comings,"
            + " exit, faults, reap; see hmm explore --help\n",
        run("explore", "P17").err());
  }

  @Test
  void exploresAGroupOfScenarios() {
    CommandRun run = run("explore", "devmem", "--schedules", "1");

    long scenarios = run.out().lines().filter(line -> line.startsWith("devmem/")).count();
    assertTrue(scenarios > 1, run.out());
    assertTrue(
        run.out()
            .endsWith("%d scenarios, %d schedules, 0 failed\n".formatted(scenarios, scenarios)),
        run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void answersWrongInputWithOneLine() {
    assertEquals("hmm hunt: name bugs, or say --all; see hmm hunt --help\n", run("hunt").err());
    assertEquals(2, run("hunt").exitCode());
    assertEquals(
        "hmm hunt: no bug 'P99'; hmm hunt --list tells them; see hmm hunt --help\n",
        run("hunt", "P99").err());
    assertEquals(1, run("hunt", "--all", "--scheduler", "chance").err().lines().count());
    assertEquals(
        "hmm hunt: Invalid value for option '--shard': want I/N with I from 1 to N, got '0/2';"
            + " see hmm hunt --help\n",
        run("hunt", "--all", "--shard", "0/2").err());
    assertEquals(
        "hmm hunt: shard 3/4 of 2 schedules is empty\n",
        run("hunt", "--all", "--shard", "3/4", "--schedules", "2").err());
    CommandRun token = run("replay-token", "v1:nothing");
    assertTrue(token.err().startsWith("hmm replay-token: not a token: "), token.err());
    assertEquals(2, token.exitCode());
    assertEquals(
        "hmm replay-token: the gallery has no scenario 'P99'; there are those of the bugs, and"
            + " comings, exit, faults, reap; see hmm replay-token --help\n",
        run("replay-token", "v1:P99::random:1:0:::0").err());
    assertEquals(
        "hmm hunt: --html and --trace show one run: name one bug; see hmm hunt --help\n",
        run("hunt", "--all", "--html", "x.html").err());
  }
}
