package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import io.tidegate.bench.Rounds.Plan;
import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.Opened;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run: what it was asked for, and what all works share, made when the first one needs it. */
final class Bench implements AutoCloseable {
  static final String TIDEGATE = "Tidegate";
  static final int CONNECTIONS = 64;

  /** Where requests wait for a server behind the node: a few would leave it idle meanwhile. */
  static final int WAITING_CONNECTIONS = 256;

  /** Who take turns at the works that wrk loads. */
  private static final int USERS = 1_000;

  private static final int FEW_USERS = 100;

  private static final Duration NODE_WARM_UP = Duration.ofSeconds(60);
  private static final Duration QUICK_NODE_WARM_UP = Duration.ofSeconds(12);

  private final Options options;
  private final Path home;
  private final Path directory;
  private final Cores cores;
  private final Consumer<String> say;
  private final Opened opened = new Opened();
  private final Peers peers;
  private @Nullable DevStack stack;
  private @Nullable Tokens tokens;
  private List<String> callers = List.of();
  private @Nullable Peer upstream;
  private @Nullable TidegateNode node;
  private @Nullable Flames flames;
  private String failure = "";
  private boolean readsMillion;
  private CompletableFuture<Void> filling = CompletableFuture.completedFuture(null);

  /**
   * What the user chose.
   *
   * @param quick fewer steps, for a first look
   * @param rounds how often each contender is measured
   * @param seconds of one measurement
   * @param levers which of them are tried; empty for all
   * @param flames where profiles go; null for none
   */
  record Options(
      boolean quick, int rounds, int seconds, List<String> levers, @Nullable Path flames) {
    Options {
      levers = List.copyOf(levers);
    }
  }

  /**
   * @param home where the launcher is
   * @param directory for logs, configurations and scripts
   */
  Bench(Options options, Path home, Path directory, Cores cores, Consumer<String> say) {
    this.options = options;
    this.home = home;
    this.directory = directory;
    this.cores = cores;
    this.say = say;
    this.peers = new Peers(directory, cores, opened);
  }

  boolean quick() {
    return options.quick();
  }

  /** Whether a lever was asked for. */
  boolean tries(String lever) {
    return options.levers().isEmpty() || options.levers().contains(lever);
  }

  Path home() {
    return home;
  }

  Path directory() {
    return directory;
  }

  Cores cores() {
    return cores;
  }

  Peers peers() {
    return peers;
  }

  void say(String what) {
    say.accept(what);
  }

  Wrk wrk() {
    return new Wrk(cores, directory);
  }

  /** How long one measurement takes. */
  Duration time() {
    return Duration.ofSeconds(options.seconds());
  }

  Rounds rounds() {
    return rounds(options.rounds(), options.quick() ? 6 : 90);
  }

  /** Fewer rounds in a quick run, for programs that take their time to start. */
  Rounds roundsOfSlowStarters() {
    return rounds(options.quick() ? 1 : options.rounds(), options.quick() ? 6 : 90);
  }

  /** Fewer in a quick run, with a shorter warm-up, for a node that has served the like already. */
  Rounds roundsOfWarm() {
    return options.quick() ? rounds(1, 2) : rounds(options.rounds(), 20);
  }

  /** The same for contenders that share all processors with their load. */
  Rounds roundsUnpinned() {
    return rounds(options.rounds(), options.quick() ? 2 : 20, cores.unpinned());
  }

  private Rounds rounds(int rounds, int warmUpSeconds) {
    return rounds(rounds, warmUpSeconds, cores);
  }

  private Rounds rounds(int rounds, int warmUpSeconds, Cores where) {
    // Nothing is measured beside it; when it failed, those who need the customers will say so.
    var unused = filling.handle((filled, failed) -> failed == null).join();
    Plan plan = new Plan(rounds, time(), Duration.ofSeconds(warmUpSeconds));
    return new Rounds(plan, where, say, this::failed, flames());
  }

  /** Draws profiles, if it was asked for. */
  @Nullable Flames flames() {
    Path results = options.flames();
    if (flames == null && results != null) {
      try {
        flames = Flames.to(directory, results);
      } catch (IOException e) {
        throw new BenchFailure("no profiles: " + e.getMessage());
      }
    }
    return flames;
  }

  /** Something could not be measured: said, and kept for the table. */
  void failed(String why) {
    say(why);
    failure = why;
  }

  /** A quick run adds a million customers while the first contenders start. */
  void willReadMillion() {
    readsMillion = true;
  }

  private void fill() {
    Customers.ensure(this, stack().postgresUri(), ProfileCold.CUSTOMERS);
  }

  /** A work begins, in which nothing has failed yet. */
  void begins() {
    failure = "";
  }

  /** The last thing that could not be measured. */
  String failure() {
    return failure;
  }

  /** Closes something at the end of the run. */
  <T extends AutoCloseable> T closing(T thing) {
    return opened.add(thing);
  }

  /** Postgres, Redis and Kafka. */
  DevStack stack() {
    if (stack == null) {
      say("starting Postgres, Redis and Kafka");
      stack = opened.add(DevStack.ephemeral().synced(false).start());
    }
    return stack;
  }

  Tokens tokens() throws IOException {
    if (tokens == null) {
      tokens = Tokens.in(directory);
    }
    return tokens;
  }

  /** Authorizations of the users who take turns. */
  List<String> callers() throws IOException {
    if (callers.isEmpty()) {
      callers = tokens().bearers(quick() ? FEW_USERS : USERS);
    }
    return callers;
  }

  /** What gateways forward to. */
  Peer upstream() throws IOException, InterruptedException {
    if (upstream == null) {
      upstream = peers.upstream();
    }
    return upstream;
  }

  /** The node that most works use. */
  TidegateNode node() throws IOException, InterruptedException {
    if (node == null) {
      node = start(NodeShape.usual("tidegate"));
      warmUp(node, quick() ? QUICK_NODE_WARM_UP : NODE_WARM_UP);
      if (quick() && readsMillion) {
        filling = CompletableFuture.runAsync(this::fill);
      }
    }
    return node;
  }

  /** A node has more to compile than its peers: what a quick run gives to each is too short. */
  void warmUp(TidegateNode started, Duration time) throws IOException, InterruptedException {
    Target routed = Target.get(started.url("/routed/item")).by(callers());
    warmUp(contender("a node", started.process(), routed), time);
    cores.confine(started.process());
  }

  /** The same for any contender, by its own work; it goes on with all processors. */
  void warmUp(Contender contender, Duration time) throws IOException, InterruptedException {
    Child process = contender.process();
    say(contender.name() + " warms up for " + time.toSeconds() + " s");
    contender.set().run();
    if (process != null) {
      cores.release(process);
    }
    contender.load().run(time);
  }

  /** Another node, which lives until the end of the run unless it is closed. */
  TidegateNode start(NodeShape shape) throws IOException, InterruptedException {
    return start(shape, cores);
  }

  /** A node that may use all processors from its start on. */
  TidegateNode startUnpinned(NodeShape shape) throws IOException, InterruptedException {
    return start(shape, cores.unpinned());
  }

  private TidegateNode start(NodeShape shape, Cores where)
      throws IOException, InterruptedException {
    TidegateNode.Ground ground =
        new TidegateNode.Ground(home, directory, where, stack(), tokens(), upstream().url(""));
    TidegateNode started = opened.add(TidegateNode.start(ground, shape));
    say("node %s: ready after %.1f s".formatted(shape.name(), started.startSeconds()));
    return started;
  }

  /** One that answers a target by wrk, with the usual number of connections. */
  Contender contender(String name, Child process, Target target) {
    return contender(name, process, target, CONNECTIONS);
  }

  /** The same with the load on all processors. */
  Contender contenderUnpinned(String name, Child process, Target target) {
    Wrk wrk = new Wrk(cores.unpinned(), directory);
    return new Contender(name, process, time -> wrk.run(target, CONNECTIONS, time));
  }

  Contender contender(String name, Child process, Target target, int connections) {
    Wrk wrk = wrk();
    return new Contender(name, process, time -> wrk.run(target, connections, time));
  }

  @Override
  public void close() {
    opened.close();
  }
}
