package io.tidegate.chaos;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Each node in a network namespace of its own, all on one bridge of this machine. A cut is a
 * blackhole route on either side, so that packets vanish and nobody is told.
 *
 * <p>Names hold the process id of the run, {@code tg-PID-NODE}, so that what a run left that was
 * killed can be told and removed.
 */
final class Namespaces implements Network {
  private static final Pattern NAMESPACE = Pattern.compile("(tg-([0-9]+)-[0-9]+)(?: .*)?");
  private static final Pattern BRIDGE = Pattern.compile("[0-9]+: (tgb([0-9]+))[:@].*");

  private final long pid = ProcessHandle.current().pid();
  private final String subnet = "10." + (64 + pid % 128) + "." + pid / 128 % 250 + ".";
  private final int nodes;

  private Namespaces(int nodes) {
    this.nodes = nodes;
  }

  /** Why namespaces do not work here; empty when they do, as far as can be told beforehand. */
  static String whyNot() throws InterruptedException {
    try {
      if (!Shell.run("id", "-u").equals("0")) {
        return "needs root";
      }
      String probe = "tg-" + ProcessHandle.current().pid() + "-0";
      Shell.run("ip", "netns", "add", probe);
      Shell.run("ip", "netns", "del", probe);
      return "";
    } catch (ChaosFailure e) {
      return String.valueOf(e.getMessage());
    }
  }

  static Namespaces open(int nodes) throws InterruptedException {
    Namespaces made = new Namespaces(nodes);
    try {
      made.make();
      return made;
    } catch (ChaosFailure | InterruptedException e) {
      made.close();
      throw e;
    }
  }

  private void make() throws InterruptedException {
    Shell.run("ip", "link", "add", bridge(), "type", "bridge");
    Shell.run("ip", "addr", "add", subnet + "1/24", "dev", bridge());
    Shell.run("ip", "link", "set", bridge(), "up");
    for (int node = 1; node <= nodes; node++) {
      String name = name(node);
      String outside = "tgv" + pid + "-" + node;
      Shell.run("ip", "netns", "add", name);
      Shell.run(
          "ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name);
      Shell.run("ip", "link", "set", outside, "master", bridge(), "up");
      Shell.run("ip", "-n", name, "addr", "add", address(node) + "/24", "dev", "eth0");
      Shell.run("ip", "-n", name, "link", "set", "eth0", "up");
      Shell.run("ip", "-n", name, "link", "set", "lo", "up");
    }
  }

  private String bridge() {
    return "tgb" + pid;
  }

  private String name(int node) {
    return "tg-" + pid + "-" + node;
  }

  @Override
  public InetAddress gateway() {
    try {
      return InetAddress.getByName(subnet + "1");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address in digits needs no look-up", e);
    }
  }

  @Override
  public String address(int node) {
    return subnet + (10 + node);
  }

  @Override
  public List<String> prefix(int node) {
    return List.of("ip", "netns", "exec", name(node));
  }

  @Override
  public String whyNoCuts() {
    return "";
  }

  @Override
  public void cut(int node) throws InterruptedException {
    routes("add", node);
  }

  @Override
  public void heal(int node) throws InterruptedException {
    routes("del", node);
  }

  private void routes(String change, int node) throws InterruptedException {
    for (int other = 1; other <= nodes; other++) {
      if (other != node) {
        Shell.run("ip", "-n", name(node), "route", change, "blackhole", address(other) + "/32");
        Shell.run("ip", "-n", name(other), "route", change, "blackhole", address(node) + "/32");
      }
    }
  }

  @Override
  public void close() {
    try {
      for (int node = 1; node <= nodes; node++) {
        Shell.lines("ip", "netns", "del", name(node));
      }
      Shell.lines("ip", "link", "del", bridge());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes what runs left that were killed, their nodes included. */
  static void sweep() throws InterruptedException {
    for (String line : Shell.lines("ip", "netns", "list")) {
      Matcher namespace = NAMESPACE.matcher(line);
      if (namespace.matches() && isGone(namespace.group(2))) {
        for (String left : Shell.lines("ip", "netns", "pids", namespace.group(1))) {
          Shell.lines("sh", "-c", "kill -KILL " + Long.parseLong(left.strip()));
        }
        Shell.lines("ip", "netns", "del", namespace.group(1));
      }
    }
    for (String line : Shell.lines("ip", "-o", "link", "show", "type", "bridge")) {
      Matcher bridge = BRIDGE.matcher(line);
      if (bridge.matches() && isGone(bridge.group(2))) {
        Shell.lines("ip", "link", "del", bridge.group(1));
      }
    }
  }

  private static boolean isGone(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }
}
