package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The kinds of work that levers are tried on. */
enum LeverWork {
  ROUTED("routed GET") {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws IOException, InterruptedException {
      TidegateNode node = node(bench, name, settings);
      return bench.contender(
          name, node.process(), Target.get(node.url("/routed/item")).by(bench.callers()));
    }
  },

  COLD("profile read, cold") {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws IOException, InterruptedException {
      TidegateNode node = node(bench, name, plus(settings, PROCESS_BYTES, LEAST));
      return cold(bench, name, node);
    }
  },

  COLD_ON_TWO("profile read, cold, two loops", false) {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws IOException, InterruptedException {
      TidegateNode node = bench.startUnpinned(shape(name, plus(settings, PROCESS_BYTES, LEAST)));
      return cold(bench, name, node);
    }
  },

  EVENTS("single events") {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws IOException, InterruptedException {
      TidegateNode node =
          node(bench, name, plus(settings, NodeShape.ROLES, NodeShape.NO_PROJECTION));
      return bench.contender(name, node.process(), Ingestion.ones(node), Bench.WAITING_CONNECTIONS);
    }
  },

  UPLOADS("TLS, HTTP/2, POST of 32 KiB") {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws IOException, InterruptedException {
      Certificate certificate = Certificate.in(bench.directory());
      Map<String, String> more =
          plus(
              plus(settings, "TIDEGATE_EDGE_TLS_CERTIFICATE", certificate.chain().toString()),
              "TIDEGATE_EDGE_TLS_KEY",
              certificate.key().toString());
      TidegateNode node = node(bench, name, more);
      Target upload =
          Target.post("https://127.0.0.1:" + node.port() + "/routed/item", List.of(BODY))
              .with("authorization", bench.tokens().bearer("bench"));
      H2Load h2load = new H2Load(bench.cores());
      return new Contender(
          name,
          node.process(),
          time -> h2load.run(upload, Bench.CONNECTIONS, UPLOAD_STREAMS, time));
    }
  },

  KEPT("bare Vert.x, constant JSON, two loops, 64 connections", false) {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws InterruptedException {
      Peer peer = bare(bench, settings);
      return bench.contenderUnpinned(name, peer.process(), Target.get(peer.url("/")));
    }
  },

  OPENED("bare Vert.x, constant JSON, two loops, a connection each", false) {
    @Override
    Contender start(Bench bench, String name, Map<String, String> settings)
        throws InterruptedException {
      Peer peer = bare(bench, settings);
      Target closing = Target.get(peer.url("/")).with("connection", "close");
      return bench.contenderUnpinned(name, peer.process(), closing);
    }
  };

  /** Far more than the process may hold. */
  private static final long CUSTOMERS = 200_000;

  private static final String PROCESS_BYTES = "TIDEGATE_PROFILE_PROCESS_BYTES";
  private static final String LEAST = "1048576";

  /** Half of what the usual window lets through. */
  private static final String BODY = "x".repeat(32_768);

  private static final int UPLOAD_STREAMS = 4;
  private static final int ANSWER_BYTES = 64;

  private final String what;
  private final boolean pinned;

  LeverWork(String what) {
    this(what, true);
  }

  LeverWork(String what, boolean pinned) {
    this.what = what;
    this.pinned = pinned;
  }

  /** In words. */
  String what() {
    return what;
  }

  /** Starts a process with these settings, which serves such work until it is closed. */
  abstract Contender start(Bench bench, String name, Map<String, String> settings)
      throws IOException, InterruptedException;

  /** Whether the process has processors of its own; not where it needs two. */
  boolean isPinned() {
    return pinned;
  }

  private static Contender cold(Bench bench, String name, TidegateNode node) throws IOException {
    Customers.ensure(bench, bench.stack().postgresUri(), CUSTOMERS);
    return ProfileCold.cold(bench, name, node, CUSTOMERS);
  }

  private static TidegateNode node(Bench bench, String name, Map<String, String> settings)
      throws IOException, InterruptedException {
    return bench.start(shape(name, settings));
  }

  /** None has an AOT cache: one fits a JVM of the same flags only. */
  private static NodeShape shape(String name, Map<String, String> settings) {
    String given = System.getenv().getOrDefault(Lever.JAVA_OPTS, "");
    String flags = given + " -XX:AOTMode=off " + settings.getOrDefault(Lever.JAVA_OPTS, "");
    NodeShape shape = NodeShape.usual("lever-" + name.replace(' ', '-'));
    for (Map.Entry<String, String> setting :
        plus(settings, Lever.JAVA_OPTS, flags.strip()).entrySet()) {
      shape = shape.with(setting.getKey(), setting.getValue());
    }
    return shape;
  }

  private static Peer bare(Bench bench, Map<String, String> settings) throws InterruptedException {
    return bench.peers().unpinned().bareJson(ANSWER_BYTES, settings);
  }

  private static Map<String, String> plus(
      Map<String, String> settings, String variable, String value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(variable, value);
    return more;
  }
}
