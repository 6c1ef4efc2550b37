package io.tidegate.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetClientOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clusters of members in this JVM: who is seen, who is asked, and who is kept out. */
class MembershipIT {
  private static final long LOOKS = TimeUnit.SECONDS.toNanos(6);
  private static final FindRequest QUESTION = FindRequest.newBuilder().addIds("ada").build();

  @Test
  void askOverTheClusterWhatIsNotServedHere() throws Exception {
    int one = Member.freePort();
    int two = Member.freePort();
    try (Member edge = new Member("edge", Member.settings("ask", one, List.of(one, two)), "edge");
        Member worker =
            new Member("worker", Member.settings("ask", two, List.of(one, two)), "profile")) {
      assertThat(failure(edge.bus.call(BusMap.PROFILE_FIND, QUESTION, Trace.NONE)).failure())
          .as("nobody serves it yet")
          .isEqualTo(Failure.ROLE_UNAVAILABLE);
      Member.get(
          worker.bus.serve(
              BusMap.PROFILE_FIND,
              (request, trace) -> Future.succeededFuture(FindReply.getDefaultInstance())));
      await("the edge hears of the worker", () -> edge.peers.live("profile") == 1);
      await(
          "an answer from the worker",
          () -> answers(edge.bus.call(BusMap.PROFILE_FIND, QUESTION, new Trace("r-1", ""))));
      hears(edge, worker);
    }
  }

  @Test
  void whatANodeThatEndsWasAskedIsAskedOfAnother() throws Exception {
    List<Integer> ports = List.of(Member.freePort(), Member.freePort(), Member.freePort());
    try (Member edge = new Member("edge", Member.settings("fail", ports.get(0), ports), "edge");
        Member other =
            new Member("other", Member.settings("fail", ports.get(1), ports), "profile")) {
      Member ending = new Member("ending", Member.settings("fail", ports.get(2), ports), "profile");
      AtomicInteger askedOfEnding = new AtomicInteger();
      Promise<FindReply> never = Promise.promise();
      Member.get(
          ending.bus.serve(
              BusMap.PROFILE_FIND,
              (request, trace) -> {
                askedOfEnding.incrementAndGet();
                return never.future();
              }));
      await("the edge hears of it", () -> edge.peers.able("profile"));
      Future<FindReply> answer = edge.bus.call(BusMap.PROFILE_FIND, QUESTION, Trace.NONE);
      await("it was asked", () -> askedOfEnding.get() > 0);
      Member.get(
          other.bus.serve(
              BusMap.PROFILE_FIND,
              (request, trace) -> Future.succeededFuture(FindReply.getDefaultInstance())));
      await("the edge hears of the other too", () -> able(edge, "profile") == 2);
      ending.close();
      assertThat(Member.get(answer)).isEqualTo(FindReply.getDefaultInstance());
      await("the edge knows that it is gone", () -> edge.peers.live() == 2);
    }
  }

  /**
   * As after a node was frozen for longer than Hazelcast waits: it is no member any more, the
   * others go on hearing it, and who joins then joins one side only.
   */
  @Test
  void whoJoinsWhileTheMembersAreDividedGetsToKnowThemAll() throws Exception {
    int one = Member.freePort();
    int nobody = Member.freePort();
    List<Integer> rest = List.of(Member.freePort(), Member.freePort());
    long begin = System.nanoTime();
    try (Member apart =
            new Member("apart", Member.settings("divided", one, List.of(one, nobody)), "edge");
        Member other = new Member("other", Member.settings("divided", rest.get(0), rest), "edge")) {
      // Known from before the division.
      apart.membership.learn(
          Objects.requireNonNull(other.membership.find(other.membership.getNodeId())));
      apart.peers.joined(other.membership.getNodeId());
      await("they hear each other", () -> apart.peers.live() == 2 && other.peers.live() == 2);
      try (Member joins =
          new Member("joins", Member.settings("divided", rest.get(1), rest), "edge")) {
        await(
            "all hear each other",
            () -> apart.peers.live() == 3 && other.peers.live() == 3 && joins.peers.live() == 3);
        assertThat(apart.membership.size()).as("for Hazelcast it is alone").isEqualTo(1);
        await("it looked for company twice", () -> System.nanoTime() - begin > LOOKS);
        assertThat(apart.membership.whyAlone()).isNull();
        hears(apart, joins);
        hears(joins, apart);
      }
      await("it left", () -> apart.peers.live() == 2 && other.peers.live() == 2);
    }
  }

  private static void hears(Member listener, Member teller) throws Exception {
    CompletableFuture<ProfilesChanged> heard = new CompletableFuture<>();
    Member.get(listener.bus.subscribe(BusMap.PROFILE_CHANGED, heard::complete));
    teller.bus.publish(BusMap.PROFILE_CHANGED, ProfilesChanged.getDefaultInstance());
    assertThat(heard.get(5, TimeUnit.SECONDS)).isEqualTo(ProfilesChanged.getDefaultInstance());
  }

  @Test
  void strangersStayOutAndAreToldWhy() throws Exception {
    int one = Member.freePort();
    int two = Member.freePort();
    try (Member ours = new Member("ours", Member.settings("ours", one, List.of(one)), "edge");
        Member stranger =
            new Member("stranger", Member.settings("theirs", two, List.of(one, two)), "edge")) {
      await("it says why it is alone", () -> stranger.membership.whyAlone() != null);
      assertThat(stranger.membership.whyAlone())
          .contains("127.0.0.1:" + one, "theirs-bus1", "cluster.name");
      assertThat(ours.peers.live()).isEqualTo(1);
      assertThat(ours.membership.whyAlone()).isNull();
    }
  }

  @Test
  void aNodeWhoseServiceDoesNotResolveRunsAloneAndSaysSo() throws Exception {
    Map<String, String> settings = Member.settings("pods", Member.freePort(), List.of());
    settings.remove("cluster.members");
    // Longer than a name may be, so that no name server is asked.
    String service = "no-such-service-".repeat(5);
    settings.put("cluster.kubernetes-service", service);
    try (Member pod = new Member("pod", settings, "edge")) {
      await("it says why it is alone", () -> pod.membership.whyAlone() != null);
      assertThat(pod.membership.whyAlone()).contains(service + " does not resolve");
    }
  }

  @Test
  void nodesOfOneMachineFindEachOther() throws Exception {
    int port = Member.freePort();
    Map<String, String> settings = Member.settings("desk", port, List.of());
    settings.remove("cluster.members");
    settings.put("cluster.join", "one-machine");
    try (Member one = new Member("one", settings, "edge")) {
      await("it says why it is alone", () -> one.membership.whyAlone() != null);
      assertThat(one.membership.whyAlone()).contains("one-machine, ports " + port);
      try (Member two = new Member("two", settings, "profile")) {
        await("they hear each other", () -> one.peers.live() == 2 && two.peers.live() == 2);
        assertThat(one.membership.whyAlone()).isNull();
      }
    }
  }

  @Test
  void theBusAdmitsOnlyNodesThatItsAuthoritySigned(@TempDir Path trusted, @TempDir Path foreign)
      throws Exception {
    Certificates ours = new Certificates(trusted);
    ours.node("a");
    ours.node("b");
    Certificates theirs = new Certificates(foreign);
    theirs.node("c");
    List<Integer> ports = List.of(Member.freePort(), Member.freePort(), Member.freePort());
    try (Member a = new Member("a", tls("tls", ports, 0, ours, "a", ours), "edge");
        Member b = new Member("b", tls("tls", ports, 1, ours, "b", ours), "profile");
        Member c = new Member("c", tls("tls", ports, 2, theirs, "c", ours), "profile")) {
      await("a and b hear each other", () -> a.peers.live() == 2 && b.peers.live() == 2);
      await("c is a member", () -> c.membership.size() == 3);
      assertThat(c.peers.live()).as("but nobody hears it").isEqualTo(1);
      int port = a.membership.getNodeInfo().port();
      assertThatThrownBy(
              () ->
                  Member.get(
                      c.vertx
                          .createNetClient(
                              new NetClientOptions()
                                  .setSsl(true)
                                  .setTrustAll(true)
                                  .setHostnameVerificationAlgorithm(""))
                          .connect(port, "127.0.0.1")
                          .compose(
                              socket -> {
                                Promise<Void> read = Promise.promise();
                                socket.handler(bytes -> read.tryComplete());
                                socket.exceptionHandler(read::tryFail);
                                socket.closeHandler(end -> read.tryFail("closed"));
                                socket.write("no certificate");
                                return read.future();
                              })))
          .isInstanceOf(ExecutionException.class);
    }
  }

  private static Map<String, String> tls(
      String cluster,
      List<Integer> ports,
      int own,
      Certificates signer,
      String name,
      Certificates trusts) {
    Map<String, String> settings = Member.settings(cluster, ports.get(own), ports);
    settings.put("cluster.tls.certificate", signer.certificate(name));
    settings.put("cluster.tls.key", signer.key(name));
    settings.put("cluster.tls.ca", trusts.ca());
    return settings;
  }

  /** How many nodes say that they are able. */
  private static long able(Member member, String role) {
    return member.peers.view().stream()
        .filter(node -> node.status().getAbleList().contains(role))
        .count();
  }

  private static boolean answers(Future<?> call) {
    try {
      Member.get(call);
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private static FailureException failure(Future<?> call) throws Exception {
    try {
      Member.get(call);
      throw new AssertionError("expected a failure");
    } catch (ExecutionException e) {
      return (FailureException) e.getCause();
    }
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not in 20 s: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
