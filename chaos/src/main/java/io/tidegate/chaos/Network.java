package io.tidegate.chaos;

import java.net.InetAddress;
import java.util.List;

/** Where the nodes of a run live, and what can be cut between them. */
interface Network extends AutoCloseable {
  /** The address at which this machine's servers and relays are reached by every node. */
  InetAddress gateway();

  /** The address of a node, counted from 1. */
  String address(int node);

  /** What stands before the command of a node's process; it must become that process. */
  List<String> prefix(int node);

  /** Why nodes can not be cut from each other here; empty when they can. */
  String whyNoCuts();

  /** Nothing passes between this node and the other nodes any more; clients and servers stay. */
  void cut(int node) throws InterruptedException;

  /** Undoes {@link #cut}. */
  void heal(int node) throws InterruptedException;

  @Override
  void close();

  /** The best that works here. */
  static Network open(int nodes) throws InterruptedException {
    Namespaces.sweep();
    String why = Namespaces.whyNot();
    if (why.isEmpty()) {
      try {
        return Namespaces.open(nodes);
      } catch (ChaosFailure e) {
        why = String.valueOf(e.getMessage());
      }
    }
    return new Loopback(why);
  }

  /**
   * All nodes on 127.0.0.1, where they can not be told apart.
   *
   * @param whyNoCuts what there is instead of network namespaces
   */
  record Loopback(String whyNoCuts) implements Network {
    @Override
    public InetAddress gateway() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public String address(int node) {
      return "127.0.0.1";
    }

    @Override
    public List<String> prefix(int node) {
      return List.of();
    }

    @Override
    public void cut(int node) {
      throw new UnsupportedOperationException(whyNoCuts);
    }

    @Override
    public void heal(int node) {
      throw new UnsupportedOperationException(whyNoCuts);
    }

    @Override
    public void close() {}
  }
}
