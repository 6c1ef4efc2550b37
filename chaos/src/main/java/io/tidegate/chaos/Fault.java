package io.tidegate.chaos;

import io.tidegate.chaos.Servers.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Something that goes wrong, and what may be seen of it.
 *
 * @param family several faults of a kind, for {@code --only}
 * @param name the fault itself
 * @param victims the nodes it befalls, whose latencies are not the others'
 * @param excuse which failures clients may see
 * @param judgesOthers whether the others' latencies while it lasts are judged
 * @param markStale nodes that may answer old profiles that say that they are
 * @param action does it and undoes it
 */
record Fault(
    String family,
    String name,
    Set<Integer> victims,
    Excuse excuse,
    boolean judgesOthers,
    Set<Integer> markStale,
    Action action) {
  /** Killed nodes are away for so long before others are started in their place. */
  private static final Duration AWAY = Duration.ofSeconds(5);

  private static final Duration JOINED = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(20);

  /** Longer than it takes to be noticed, 5 s. */
  private static final Duration CUT = Duration.ofSeconds(8);

  /** Injects the fault and undoes it. */
  @FunctionalInterface
  interface Action {
    void on(Cluster cluster, Steps steps) throws InterruptedException;
  }

  /** Tells what is being done, and waits; an end of the run interrupts the waits. */
  interface Steps {
    void say(String what);

    void rest(Duration time) throws InterruptedException;

    /** The fault has just begun. */
    void befell();

    /** It is about to be undone. */
    void over();
  }

  /** No fault: what everything is like without. */
  static Fault quiet(Duration time) {
    return new Fault(
        "quiet", "quiet", Set.of(), Excuse.NONE, false, Set.of(), (c, steps) -> steps.rest(time));
  }

  /** Every fault, in the order of a round: one of each kind, then the other nodes' deaths. */
  static List<Fault> all(Layout layout, int size) {
    List<Fault> faults = new ArrayList<>();
    faults.add(kill(layout, 1, size));
    faults.add(pause(layout, size));
    faults.add(roll(layout, size));
    if (size > 2) {
      faults.add(killTwo(layout, size));
    }
    faults.add(join(size));
    faults.add(cutNodes(layout, size));
    for (Server server : Server.values()) {
      faults.add(cutServer(layout, size, server));
    }
    for (int node = 2; node <= size; node++) {
      faults.add(kill(layout, node, size));
    }
    return faults;
  }

  /** What a node's death explains: what it had in flight, and what nobody else can do. */
  private static Excuse dead(Layout layout, Set<Integer> nodes, int size) {
    Excuse inFlight = Excuse.sentWithin(Excuse.KNOWN_DEAD);
    // What clients send to a node fails there; what edges ask of a worker fails at the edges.
    boolean edges = nodes.stream().allMatch(node -> layout.roles(node, size).contains("edge"));
    return (edges ? inFlight.and(Excuse.at(nodes)) : inFlight).or(goneRoles(layout, nodes, size));
  }

  /** What a silent node explains. */
  private static Excuse silent(Layout layout, int node, int size) {
    Excuse there = Excuse.at(Set.of(node));
    return switch (layout) {
      case ALL -> there;
      case APART, SINGLE_ROLES ->
          there
              .or(Excuse.sentWithin(Excuse.KNOWN_SILENT))
              .or(goneRoles(layout, Set.of(node), size));
    };
  }

  private static Excuse goneRoles(Layout layout, Set<Integer> nodes, int size) {
    return layout.onlyOn(nodes, size).stream().map(Excuse::needs).reduce(Excuse.NONE, Excuse::or);
  }

  /** Who can't ask for profiles while these nodes are away, and answers what it holds. */
  private static Set<Integer> blind(Layout layout, Set<Integer> nodes, int size) {
    return layout.onlyOn(nodes, size).contains("profile")
        ? IntStream.rangeClosed(1, size).boxed().collect(Collectors.toSet())
        : Set.of();
  }

  private static Fault kill(Layout layout, int node, int size) {
    return new Fault(
        "kill",
        "kill-" + layout.nameOf(node, size),
        Set.of(node),
        dead(layout, Set.of(node), size),
        layout.onlyOn(Set.of(node), size).isEmpty(),
        blind(layout, Set.of(node), size),
        (cluster, steps) -> killed(cluster, steps, List.of(node)));
  }

  private static Fault killTwo(Layout layout, int size) {
    Set<Integer> two = Set.of(size - 1, size);
    return new Fault(
        "kill-two",
        "kill-two",
        two,
        dead(layout, two, size),
        layout.onlyOn(two, size).isEmpty(),
        blind(layout, two, size),
        (cluster, steps) -> killed(cluster, steps, List.of(size - 1, size)));
  }

  private static void killed(Cluster cluster, Steps steps, List<Integer> nodes)
      throws InterruptedException {
    for (int node : nodes) {
      cluster.node(node).kill();
      steps.say("node " + node + " killed");
    }
    steps.befell();
    steps.rest(AWAY);
    steps.over();
    for (int node : nodes) {
      cluster.node(node).start();
    }
    for (int node : nodes) {
      cluster.node(node).awaitReady();
      steps.say("node " + node + " is back after " + cluster.node(node).cost());
    }
  }

  private static Fault pause(Layout layout, int size) {
    return new Fault(
        "pause",
        "pause",
        Set.of(size),
        silent(layout, size, size),
        false,
        blind(layout, Set.of(size), size),
        (cluster, steps) -> {
          cluster.node(size).pause();
          steps.befell();
          steps.say("node " + size + " stands still");
          steps.rest(PAUSE);
          steps.over();
          cluster.node(size).resume();
          steps.say("node " + size + " goes on");
          cluster.node(size).awaitReady();
        });
  }

  private static Fault roll(Layout layout, int size) {
    return new Fault(
        "roll",
        "roll",
        Set.of(),
        layout == Layout.SINGLE_ROLES ? Excuse.ANY : Excuse.NONE,
        false,
        Set.of(),
        (cluster, steps) -> {
          for (int node = 1; node <= size; node++) {
            cluster.node(node).terminate();
            steps.say("node " + node + " has left");
            cluster.node(node).start();
            cluster.node(node).awaitReady();
            steps.say("node " + node + " is back after " + cluster.node(node).cost());
          }
        });
  }

  private static Fault join(int size) {
    return new Fault(
        "join",
        "join",
        Set.of(size + 1),
        Excuse.NONE,
        false,
        Set.of(),
        (cluster, steps) -> {
          NodeProcess joiner = cluster.node(cluster.joiner());
          joiner.start();
          joiner.awaitReady();
          steps.say("node " + cluster.joiner() + " has joined after " + joiner.cost());
          steps.rest(JOINED);
          joiner.terminate();
          steps.say("and left");
        });
  }

  private static Fault cutNodes(Layout layout, int size) {
    return new Fault(
        "cut-nodes",
        "cut-nodes",
        Set.of(size),
        silent(layout, size, size),
        false,
        blind(layout, Set.of(size), size),
        (cluster, steps) -> {
          cluster.network().cut(size);
          steps.befell();
          steps.say("node " + size + " is cut off from the other nodes");
          steps.rest(CUT);
          steps.over();
          cluster.network().heal(size);
          steps.say("healed");
          cluster.awaitReady();
        });
  }

  private static Fault cutServer(Layout layout, int size, Server server) {
    String what = server.name().toLowerCase(Locale.ROOT);
    return new Fault(
        "cut-" + what,
        "cut-" + what,
        Set.of(size),
        silent(layout, size, size),
        false,
        Set.of(size),
        (cluster, steps) -> {
          Relay relay = cluster.servers().relay(size, server);
          relay.cut();
          steps.befell();
          steps.say("node " + size + " is cut off from " + what);
          steps.rest(CUT);
          steps.over();
          relay.heal();
          steps.say("healed");
          cluster.awaitReady();
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
}
