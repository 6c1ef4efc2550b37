package io.tidegate.load;

import io.gatling.javaapi.core.Session;
import io.tidegate.simulate.Zipf;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Who shops: customers by rank, of whom few are asked for often (Zipf), and those among them who
 * are signed in. Safe from any thread.
 */
final class Customers {
  /** The id of rank k is this plus k, as {@code simulate} has it. */
  static final int FIRST = 1_000_000;

  private static final double SKEW = 0.9;

  /** Coprime to every number of customers it does not divide; see {@link #coldPath}. */
  private static final long STRIDE = 7_368_787;

  private final int count;
  private final Zipf ranks;
  private final List<Visitor> signedIn;
  private final List<String> agents;
  private final IntFunction<String> signIn;
  private final long coldStart = ThreadLocalRandom.current().nextLong(1L << 40);
  private final AtomicLong cold = new AtomicLong();

  /**
   * Someone signed in.
   *
   * @param authorization the header's value
   * @param profile the path of the own profile
   */
  record Visitor(String id, String authorization, String profile) {
    private static final String KEY = "visitor";

    /** The session from now on is this one's. */
    Session in(Session session) {
      return session.set(KEY, this);
    }

    /** Whose session it is. */
    static Visitor of(Session session) {
      Visitor visitor = session.get(KEY);
      if (visitor == null) {
        throw new IllegalStateException("nobody is signed in");
      }
      return visitor;
    }
  }

  /**
   * Customers of these ranks.
   *
   * @param count ranks 1 to this one
   * @param signedIn authorizations of the customers of the first ranks
   * @param agents authorizations of those who may read every profile
   * @param signIn a new authorization of the customer of a rank
   */
  Customers(int count, List<String> signedIn, List<String> agents, IntFunction<String> signIn) {
    this.count = count;
    this.ranks = new Zipf(count, SKEW);
    this.agents = List.copyOf(agents);
    this.signIn = signIn;
    this.signedIn =
        IntStream.range(0, signedIn.size())
            .mapToObj(i -> visitor(1 + i % count, signedIn.get(i)))
            .toList();
  }

  private static Visitor visitor(int rank, String authorization) {
    return new Visitor(id(rank), authorization, profilePath(rank));
  }

  static String id(int rank) {
    return Integer.toString(FIRST + rank);
  }

  private static String profilePath(int rank) {
    return "/v1/customers/" + id(rank) + "/profile";
  }

  /** One of those signed in, each as likely. */
  Visitor anyVisitor() {
    return signedIn.get(ThreadLocalRandom.current().nextInt(signedIn.size()));
  }

  /** One of the same customers, who signs in anew: the gateway has not seen the token before. */
  Visitor signsIn() {
    int rank = 1 + ThreadLocalRandom.current().nextInt(signedIn.size()) % count;
    return visitor(rank, signIn.apply(rank));
  }

  /** One of those signed in but for the first few. */
  Visitor anyVisitorBut(int first) {
    return signedIn.get(ThreadLocalRandom.current().nextInt(first, signedIn.size()));
  }

  /** One of the first few of those signed in. */
  Visitor oneOfTheFirst(int first) {
    return signedIn.get(ThreadLocalRandom.current().nextInt(first));
  }

  /** The authorization of one of the agents. */
  String anyAgent() {
    return agents.get(ThreadLocalRandom.current().nextInt(agents.size()));
  }

  /** The id of a customer by Zipf's law. */
  String anyId() {
    return id(ranks.sample(ThreadLocalRandom.current()));
  }

  /** The profile of a customer by Zipf's law. */
  String popularPath() {
    return profilePath(ranks.sample(ThreadLocalRandom.current()));
  }

  /**
   * The profile of a customer that was not asked for before in this run, in no visible order; after
   * all of them, from the first again.
   */
  String coldPath() {
    long place = coldStart + cold.getAndIncrement();
    return profilePath(1 + (int) (Math.floorMod(place, (long) count) * STRIDE % count));
  }
}
