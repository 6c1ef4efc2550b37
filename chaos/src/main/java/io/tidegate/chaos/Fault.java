package io.tidegate.chaos;

import io.tidegate.chaos.Servers.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Something that goes wrong, and what may be seen of it.
 *
 * @param family several faults of a kind, for {@code --only}
 * @param name the fault itself
 * @param victims the nodes it befalls, whose latencies are not the others'
 * @param errors at which nodes clients may see failures
 * @param marksStale whether the victims may answer old profiles that say that they are
 * @param action does it and undoes it
 */
record Fault(
    String family,
    String name,
    Set<Integer> victims,
    Errors errors,
    boolean marksStale,
    Action action) {
  private static final Duration AWAY = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofSeconds(20);

  /** Longer than it takes to be noticed, 5 s. */
  private static final Duration CUT = Duration.ofSeconds(8);

  /** Where clients may see failures. */
  enum Errors {
    NOWHERE,
    AT_VICTIMS,
    ANYWHERE
  }

  /** Injects the fault and undoes it. */
  @FunctionalInterface
  interface Action {
    void on(Cluster cluster, Steps steps) throws InterruptedException;
  }

  /** Tells what is being done, and waits; an end of the run interrupts the waits. */
  interface Steps {
    void say(String what);

    void rest(Duration time) throws InterruptedException;
  }

  /** Every fault, in the order of a round: one of each kind, then the other nodes' deaths. */
  static List<Fault> all(Layout layout, int size) {
    List<Fault> faults = new ArrayList<>();
    Errors fatal = layout == Layout.ALL ? Errors.AT_VICTIMS : Errors.ANYWHERE;
    int last = size;
    faults.add(kill(layout, 1, size, fatal));
    faults.add(pause(last, fatal));
    faults.add(roll(size, layout == Layout.SINGLE_ROLES ? Errors.ANYWHERE : Errors.NOWHERE));
    if (size > 2) {
      faults.add(killTwo(size, fatal));
    }
    faults.add(join(size));
    faults.add(cutNodes(last, fatal));
    for (Server server : Server.values()) {
      faults.add(cutServer(last, server, fatal));
    }
    for (int node = 2; node <= size; node++) {
      faults.add(kill(layout, node, size, fatal));
    }
    return faults;
  }

  private static Fault kill(Layout layout, int node, int size, Errors errors) {
    String who = layout == Layout.ALL ? "node-" + node : layout.roles(node, size).getFirst();
    String name = "kill-" + (layout == Layout.APART ? "node-" + node : who);
    return new Fault("kill", name, Set.of(node), errors, false, (c, s) -> killed(c, s, node));
  }

  private static void killed(Cluster cluster, Steps steps, int node) throws InterruptedException {
    cluster.node(node).kill();
    steps.say("node " + node + " killed");
    steps.rest(AWAY);
    cluster.node(node).start();
    cluster.node(node).awaitReady();
    steps.say("node " + node + " is back");
  }

  private static Fault pause(int node, Errors errors) {
    return new Fault(
        "pause",
        "pause",
        Set.of(node),
        errors,
        false,
        (cluster, steps) -> {
          cluster.node(node).pause();
          steps.say("node " + node + " stands still");
          steps.rest(PAUSE);
          cluster.node(node).resume();
          steps.say("node " + node + " goes on");
          cluster.node(node).awaitReady();
        });
  }

  private static Fault roll(int size, Errors errors) {
    return new Fault(
        "roll",
        "roll",
        Set.of(),
        errors,
        false,
        (cluster, steps) -> {
          for (int node = 1; node <= size; node++) {
            cluster.node(node).terminate();
            steps.say("node " + node + " has left");
            cluster.node(node).start();
            cluster.node(node).awaitReady();
            steps.say("node " + node + " is back");
          }
        });
  }

  private static Fault killTwo(int size, Errors errors) {
    return new Fault(
        "kill-two",
        "kill-two",
        Set.of(size - 1, size),
        errors,
        false,
        (cluster, steps) -> {
          cluster.node(size - 1).kill();
          cluster.node(size).kill();
          steps.say("nodes " + (size - 1) + " and " + size + " killed");
          steps.rest(AWAY);
          cluster.node(size - 1).start();
          cluster.node(size).start();
          cluster.awaitReady();
          steps.say("both are back");
        });
  }

  private static Fault join(int size) {
    return new Fault(
        "join",
        "join",
        Set.of(size + 1),
        Errors.NOWHERE,
        false,
        (cluster, steps) -> {
          NodeProcess joiner = cluster.node(cluster.joiner());
          joiner.start();
          joiner.awaitReady();
          steps.say("node " + cluster.joiner() + " has joined");
          steps.rest(AWAY);
          joiner.terminate();
          steps.say("and left");
        });
  }

  private static Fault cutNodes(int node, Errors errors) {
    return new Fault(
        "cut-nodes",
        "cut-nodes",
        Set.of(node),
        errors,
        false,
        (cluster, steps) -> {
          cluster.network().cut(node);
          steps.say("node " + node + " is cut off from the other nodes");
          steps.rest(CUT);
          cluster.network().heal(node);
          steps.say("healed");
          cluster.awaitReady();
        });
  }

  private static Fault cutServer(int node, Server server, Errors errors) {
    String name = "cut-" + server.name().toLowerCase(Locale.ROOT);
    return new Fault(
        name,
        name,
        Set.of(node),
        errors,
        true,
        (cluster, steps) -> {
          Relay relay = cluster.servers().relay(node, server);
          relay.cut();
          steps.say("node " + node + " is cut off from " + server.name().toLowerCase(Locale.ROOT));
          steps.rest(CUT);
          relay.heal();
          steps.say("healed");
          cluster.node(node).awaitReady();
        });
  }

  /** Whether {@code --only} means this one. */
  boolean isMeantBy(String only) {
    return only.equals(family) || only.equals(name);
  }

  /** Why it can not be done on this network; empty when it can. */
  String whyNot(Network network) {
    return family.equals("cut-nodes") ? network.whyNoCuts() : "";
  }

  /** Whether clients saw failures only where this fault explains them. */
  boolean explains(Answers answers) {
    return switch (errors) {
      case NOWHERE -> answers.errorsExceptAt(Set.of()) == 0;
      case AT_VICTIMS -> answers.errorsExceptAt(victims) == 0;
      case ANYWHERE -> true;
    };
  }
}
