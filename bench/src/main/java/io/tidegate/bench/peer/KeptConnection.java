package io.tidegate.bench.peer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of a load generator, with one request under way at a time, the same each
 * time. It reads what a generator has to know, the status and where the answer ends, by its
 * Content-Length; a whole client would cost the processor that upstream and stores share with it
 * several times as much. Opens itself again when it was closed. Belongs to one event loop.
 */
final class KeptConnection {
  private static final byte[] END_OF_FIELDS = {'\r', '\n', '\r', '\n'};
  private static final byte[] LENGTH = "\r\ncontent-length:".getBytes(StandardCharsets.US_ASCII);
  private static final int STATUS_AT = "HTTP/1.1 ".length();
  private static final int STATUS_END = STATUS_AT + 3;

  private final NetClient client;
  private final SocketAddress server;
  private final Buffer request;
  private @Nullable NetSocket socket;
  private @Nullable Promise<Integer> underWay;
  private @Nullable Buffer begun;

  /**
   * @param request a whole GET
   */
  KeptConnection(NetClient client, SocketAddress server, Buffer request) {
    this.client = client;
    this.server = server;
    this.request = request;
  }

  /**
   * Sends the request; there must be none under way.
   *
   * @return the status when all of the answer is here; fails when the connection ends before, or
   *     the answer does not tell its length
   */
  Future<Integer> send() {
    Promise<Integer> answer = Promise.promise();
    underWay = answer;
    NetSocket open = socket;
    if (open == null) {
      client.connect(server).onSuccess(this::opened).onFailure(this::ends);
    } else {
      open.write(request);
    }
    return answer.future();
  }

  private void opened(NetSocket open) {
    socket = open;
    begun = null;
    open.handler(more -> read(open, more));
    open.closeHandler(closed -> leaves(open, "connection closed"));
    open.exceptionHandler(cause -> leaves(open, String.valueOf(cause.getMessage())));
    open.write(request);
  }

  /** The next request has a new connection. */
  private void leaves(NetSocket which, String why) {
    if (which == socket) {
      socket = null;
      which.close();
      ends(new IllegalStateException(why));
    }
  }

  private void ends(Throwable cause) {
    Promise<Integer> failed = underWay;
    underWay = null;
    if (failed != null) {
      failed.fail(cause);
    }
  }

  private void read(NetSocket from, Buffer more) {
    Buffer all = begun == null ? more : begun.appendBuffer(more);
    int fields = indexOf(all, END_OF_FIELDS, 0, all.length());
    if (fields < 0) {
      begun = all;
      return;
    }
    long length = contentLength(all, fields);
    if (length < 0) {
      leaves(from, "an answer without Content-Length");
      return;
    }
    if (all.length() < fields + END_OF_FIELDS.length + length) {
      begun = all;
      return;
    }
    begun = null;
    Promise<Integer> whole = underWay;
    underWay = null;
    if (whole != null) {
      whole.complete(Integer.parseInt(all.getString(STATUS_AT, STATUS_END)));
    }
  }

  /** -1 when there is none. */
  private static long contentLength(Buffer head, int end) {
    int field = indexOf(head, LENGTH, 0, end);
    if (field < 0) {
      return -1;
    }
    long length = 0;
    for (int i = field + LENGTH.length; i < end && head.getByte(i) != '\r'; i++) {
      byte each = head.getByte(i);
      length = each == ' ' ? length : length * 10 + each - '0';
    }
    return length;
  }

  /** Where small letters begin, whatever the case of those that are searched. */
  private static int indexOf(Buffer in, byte[] what, int from, int to) {
    for (int i = from; i <= to - what.length; i++) {
      int same = 0;
      while (same < what.length && lower(in.getByte(i + same)) == what[same]) {
        same++;
      }
      if (same == what.length) {
        return i;
      }
    }
    return -1;
  }

  private static int lower(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
  }
}
