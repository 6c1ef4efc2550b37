package io.tidegate.routing;

import io.vertx.core.Future;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One part of the connections to an endpoint, and the line of those who wait for one: first come,
 * first served; the connection used last goes first, so that those in excess grow old. Safe from
 * any thread.
 */
final class ConnectionPool {
  /** Who wants a connection; told on its own context, once. */
  interface Taker {
    void connected(UpstreamCall call);

    void notConnected(Throwable cause);
  }

  /** A place in the line. Its owner's context only, but for {@link #owner} and {@link #taker}. */
  static final class Ticket {
    private final ContextInternal owner;
    private final Taker taker;
    private boolean cancelled;
    // Out of the line, and not told yet.
    private volatile boolean served;

    private Ticket(ContextInternal owner, Taker taker) {
      this.owner = owner;
      this.taker = taker;
    }
  }

  /** What holds for all of them. */
  record Bounds(int most, int longestLine, int maxResponseHead, long keepAliveNanos) {}

  private static final String CLOSED = "the connections are closed";

  private final Supplier<Future<NetSocket>> connector;
  private final Bounds bounds;
  private final Deque<UpstreamConnection> idle = new ArrayDeque<>();
  private final Deque<Ticket> line = new ArrayDeque<>();
  // Those being opened included.
  private int open;
  private int opening;
  private boolean closed;

  /**
   * @param connector opens a connection, on the current context
   */
  ConnectionPool(Bounds bounds, Supplier<Future<NetSocket>> connector) {
    this.bounds = bounds;
    this.connector = connector;
  }

  int maxResponseHead() {
    return bounds.maxResponseHead;
  }

  long keepAliveNanos() {
    return bounds.keepAliveNanos;
  }

  /**
   * Takes a connection as soon as there is one: at once, in this call, if one is idle.
   *
   * @param owner on whose thread this is, and on which the taker is told
   * @return null when the taker has been told already
   */
  @Nullable Ticket take(ContextInternal owner, Taker taker) {
    Ticket ticket = null;
    List<UpstreamConnection> expired = new ArrayList<>(0);
    UpstreamConnection free;
    RuntimeException refusal = null;
    boolean opens = false;
    synchronized (this) {
      free = pollIdle(expired);
      if (free == null) {
        refusal = refusal();
        if (refusal == null) {
          ticket = new Ticket(owner, taker);
          line.add(ticket);
          opens = mayOpen();
        }
      }
    }
    expired.forEach(UpstreamConnection::cut);
    if (free != null) {
      taker.connected(free.call(owner));
    } else if (refusal != null) {
      taker.notConnected(refusal);
    } else if (opens) {
      open(owner);
    }
    return ticket;
  }

  private @Nullable RuntimeException refusal() {
    if (closed) {
      return new IllegalStateException(CLOSED);
    }
    return open >= bounds.most && line.size() - opening >= bounds.longestLine
        ? new ConnectionPoolTooBusyException(
            "connections: " + bounds.most + " in use, " + bounds.longestLine + " waiting")
        : null;
  }

  /** Leaves the line; whatever connection comes is somebody else's. */
  void leave(Ticket ticket) {
    ticket.cancelled = true;
    synchronized (this) {
      line.remove(ticket);
    }
  }

  /** Whether all connections are in use, rather than one being opened for this one. */
  synchronized boolean isBehind(Ticket ticket) {
    int ahead = 0;
    for (Ticket other : line) {
      if (other == ticket) {
        return ahead >= opening;
      }
      ahead++;
    }
    return ticket.served;
  }

  /** Takes back a connection that may carry another call. */
  void release(UpstreamConnection connection) {
    Ticket next;
    synchronized (this) {
      if (!connection.isOpen()) {
        return; // gone() was, or will be, called
      }
      if (closed) {
        next = null;
      } else {
        next = line.poll();
        if (next == null) {
          idle.push(connection);
          return;
        }
        next.served = true;
      }
    }
    if (next == null) {
      connection.close();
    } else {
      serve(next, connection);
    }
  }

  /** Not on top of this stack: the next one may give it back at once, and so may those behind. */
  private void serve(Ticket next, UpstreamConnection connection) {
    next.owner.runOnContext(
        turn -> {
          if (next.cancelled) {
            release(connection);
          } else if (connection.isOpen()) {
            next.taker.connected(connection.call(next.owner));
          } else {
            goOnWaiting(next);
          }
        });
  }

  /** What it was to get has ended on the way; another may have become idle meanwhile. */
  private void goOnWaiting(Ticket first) {
    List<UpstreamConnection> expired = new ArrayList<>(0);
    UpstreamConnection free = null;
    boolean opens = false;
    boolean refused;
    synchronized (this) {
      refused = closed;
      if (!refused) {
        free = pollIdle(expired);
        if (free == null) {
          first.served = false;
          line.addFirst(first);
          opens = mayOpen();
        }
      }
    }
    expired.forEach(UpstreamConnection::cut);
    if (refused) {
      first.taker.notConnected(new IllegalStateException(CLOSED));
    } else if (free != null) {
      first.taker.connected(free.call(first.owner));
    } else if (opens) {
      open(first.owner);
    }
  }

  /** Those that there are, being opened or open. */
  synchronized int open() {
    return open;
  }

  /** Requests that wait for one. */
  synchronized int waiting() {
    return line.size();
  }

  /** A connection has ended. */
  void gone(UpstreamConnection connection) {
    ContextInternal opener;
    synchronized (this) {
      idle.remove(connection);
      open--;
      opener = mayOpen() ? firstInLine() : null;
    }
    if (opener != null) {
      open(opener);
    }
  }

  /** Ends those that have been idle for long. */
  void evict() {
    List<UpstreamConnection> old = new ArrayList<>(0);
    long now = System.nanoTime();
    synchronized (this) {
      while (!idle.isEmpty() && idle.peekLast().isExpired(now)) {
        old.add(idle.removeLast());
      }
    }
    old.forEach(UpstreamConnection::close);
  }

  /** Nobody gets a connection any more; those in use are for their client to close. */
  void close() {
    List<Ticket> left;
    List<UpstreamConnection> unused;
    synchronized (this) {
      closed = true;
      left = List.copyOf(line);
      line.clear();
      unused = List.copyOf(idle);
      idle.clear();
    }
    unused.forEach(UpstreamConnection::close);
    IllegalStateException why = new IllegalStateException(CLOSED);
    left.forEach(ticket -> refuse(ticket, why));
  }

  /** The connection used last; those that were found old on the way have lost their place. */
  private @Nullable UpstreamConnection pollIdle(List<UpstreamConnection> expired) {
    long now = System.nanoTime();
    for (UpstreamConnection last = idle.poll(); last != null; last = idle.poll()) {
      if (last.isOpen() && !last.isExpired(now)) {
        return last;
      }
      if (last.retire()) {
        open--;
        expired.add(last);
      }
    }
    return null;
  }

  /** Counts one more as being opened, if there is anybody to open it for. */
  private boolean mayOpen() {
    if (closed || open >= bounds.most || line.size() <= opening) {
      return false;
    }
    open++;
    opening++;
    return true;
  }

  private @Nullable ContextInternal firstInLine() {
    Ticket first = line.peek();
    return first == null ? null : first.owner;
  }

  /** Not on the request's own context, which would live as long as the connection. */
  private void open(ContextInternal on) {
    on.unwrap()
        .emit(
            turn -> {
              Future<NetSocket> connecting;
              try {
                connecting = connector.get();
              } catch (Throwable e) { // or its place would be taken for ever
                connecting = Future.failedFuture(e);
              }
              connecting.onComplete(this::opened, this::notOpened);
            });
  }

  private void opened(NetSocket socket) {
    UpstreamConnection fresh;
    try {
      fresh = UpstreamConnection.over(socket, this);
    } catch (RuntimeException e) { // it has ended already
      var unused = socket.close();
      notOpened(e);
      return;
    }
    synchronized (this) {
      opening--;
    }
    fresh.opened();
  }

  /** Somebody has to hear of it: who waits longest. */
  private void notOpened(Throwable cause) {
    Ticket told;
    ContextInternal opener;
    synchronized (this) {
      opening--;
      open--;
      told = line.poll();
      opener = mayOpen() ? firstInLine() : null;
    }
    if (told != null) {
      refuse(told, cause);
    }
    if (opener != null) {
      open(opener);
    }
  }

  private static void refuse(Ticket ticket, Throwable cause) {
    ticket.owner.runOnContext(
        turn -> {
          if (!ticket.cancelled) {
            ticket.taker.notConnected(cause);
          }
        });
  }
}
