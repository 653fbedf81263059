// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.List;

/**
 * Several schedulers in turn: schedule i is schedule {@code i / n} of member {@code i mod n}.
 *
 * <p>Promise: after i schedules each of the n members has had at least {@code i / n}, rounded down,
 * so the portfolio needs at most n times the schedules of its best member. It is complete as soon
 * as one member says that its search is.
 */
public final class Portfolio implements Scheduler {

  private final List<Scheduler> members;
  private Scheduler turn;

  /**
   * Makes a portfolio.
   *
   * @param members the schedulers, at least one; nobody else uses them
   * @throws IllegalArgumentException if there is none
   */
  public Portfolio(List<? extends Scheduler> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a portfolio needs at least one member");
    }
    this.members = List.copyOf(members);
    this.turn = this.members.get(0);
  }

  @Override
  public boolean begin(long index) {
    int count = members.size();
    turn = members.get((int) (index % count));
    return turn.begin(index / count);
  }

  @Override
  public int choose(RunQueue queue) {
    return turn.choose(queue);
  }

  /** Returns what the member says whose turn it is. */
  @Override
  public boolean seesEveryStep() {
    return turn.seesEveryStep();
  }

  @Override
  public boolean inOrder() {
    return members.stream().anyMatch(Scheduler::inOrder);
  }

  @Override
  public boolean wantsPilot() {
    return members.stream().anyMatch(Scheduler::wantsPilot);
  }

  @Override
  public void learn(Pilot pilot) {
    members.stream().filter(Scheduler::wantsPilot).forEach(member -> member.learn(pilot));
  }
}
