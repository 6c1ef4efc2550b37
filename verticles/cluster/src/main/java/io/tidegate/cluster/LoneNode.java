package io.tidegate.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out why a node has no company although there should be others: strangers at their
 * addresses, nobody, or no addresses at all. Tells the log when that changes.
 */
final class LoneNode {
  private static final Logger log = LoggerFactory.getLogger(LoneNode.class);
  private static final long FIRST_LOOK_MS = 1_000;
  private static final long LOOK_EVERY_MS = 3_000;
  private static final int MOST_NAMED = 5;

  /** What an address does. */
  private enum Answer {
    ACCEPTS(""),
    REFUSES("refused (is a node up there?)"),
    IS_SILENT("no answer (is cluster.port open between the machines?)"),
    IS_UNKNOWN("no such host (is the name right?)");

    private final String words;

    Answer(String words) {
      this.words = words;
    }

    static Answer of(Throwable failure) {
      if (failure instanceof UnknownHostException || failure instanceof IllegalArgumentException) {
        return IS_UNKNOWN;
      }
      return failure instanceof ConnectException
              && String.valueOf(failure.getMessage()).contains("refused")
          ? REFUSES
          : IS_SILENT;
    }
  }

  private final Places places;
  private final String cluster;
  private final BooleanSupplier alone;
  private boolean looking;
  private @Nullable String seen;
  private volatile @Nullable String why;

  /**
   * @param places where others should be
   * @param cluster its name and generation
   */
  LoneNode(Places places, String cluster, BooleanSupplier alone) {
    this.places = places;
    this.cluster = cluster;
    this.alone = alone;
  }

  void watch(Vertx vertx) {
    vertx.runOnContext(
        start -> {
          NetClient client = client(vertx);
          vertx.setTimer(FIRST_LOOK_MS, timer -> look(vertx, client));
          vertx.setPeriodic(LOOK_EVERY_MS, timer -> look(vertx, client));
        });
  }

  static NetClient client(Vertx vertx) {
    return vertx.createNetClient(new NetClientOptions().setConnectTimeout(500));
  }

  /** In words, with what to do; null while there is company. */
  @Nullable String why() {
    return alone.getAsBoolean() ? why : null;
  }

  private void look(Vertx vertx, NetClient client) {
    if (!alone.getAsBoolean()) {
      say(null);
    } else if (!looking) {
      looking = true;
      reason(vertx, client)
          .onComplete(
              said -> {
                looking = false;
                say(said.result());
              });
    }
  }

  /** What there is to say of the places; null when others need not be anywhere. */
  Future<@Nullable String> reason(Vertx vertx, NetClient client) {
    return places
        .find(vertx)
        .compose(found -> ask(client, found))
        .otherwise(nowhere -> "alone: " + nowhere.getMessage());
  }

  private Future<@Nullable String> ask(NetClient client, Places.Found found) {
    if (found.others().isEmpty()) {
      return Future.succeededFuture();
    }
    List<Future<Answer>> answers =
        found.others().stream().map(address -> answer(client, address)).toList();
    return Future.join(answers)
        .map(
            all -> {
              Map<Answer, List<String>> by =
                  IntStream.range(0, answers.size())
                      .boxed()
                      .collect(
                          Collectors.groupingBy(
                              i -> answers.get(i).result(),
                              () -> new EnumMap<>(Answer.class),
                              Collectors.mapping(
                                  i -> found.others().get(i).toString(), Collectors.toList())));
              List<String> strangers = by.get(Answer.ACCEPTS);
              String says =
                  strangers != null
                      ? named(strangers)
                          + " answers but is not of cluster "
                          + cluster
                          + " (cluster.name and the versions have to fit)"
                      : by.entrySet().stream()
                          .map(each -> named(each.getValue()) + ' ' + each.getKey().words)
                          .collect(Collectors.joining("; "));
              return "alone: " + found.source() + ": " + says;
            });
  }

  private static Future<Answer> answer(NetClient client, SocketAddress address) {
    return client
        .connect(address)
        .compose(socket -> socket.close())
        .map(closed -> Answer.ACCEPTS)
        .otherwise(Answer::of);
  }

  private static String named(List<String> addresses) {
    String first = addresses.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    int more = addresses.size() - MOST_NAMED;
    return more > 0 ? first + " and " + more + " more" : first;
  }

  /**
   * Says what two looks in a row have seen: nodes that are just starting answer before they join.
   */
  private void say(@Nullable String now) {
    String before = seen;
    seen = now;
    if (now == null) {
      why = null;
    } else if (now.equals(before) && !now.equals(why)) {
      why = now;
      log.atWarn().addKeyValue("reason", now).log("this node has no company");
    }
  }
}
