package io.tidegate.bus;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Carries one protobuf type over the bus: as length and bytes between nodes, as the same immutable
 * object within one.
 */
final class ProtoCodec<M extends Message> implements MessageCodec<M, M> {
  private final M prototype;

  ProtoCodec(M prototype) {
    this.prototype = prototype;
  }

  static String nameOf(Message message) {
    return message.getDescriptorForType().getFullName();
  }

  @Override
  public void encodeToWire(Buffer buffer, M message) {
    byte[] bytes = message.toByteArray();
    buffer.appendInt(bytes.length).appendBytes(bytes);
  }

  @Override
  @SuppressWarnings("unchecked") // a prototype's parser makes its own type
  public M decodeFromWire(int position, Buffer buffer) {
    int length = buffer.getInt(position);
    try {
      return (M)
          prototype
              .getParserForType()
              .parseFrom(buffer.getBytes(position + 4, position + 4 + length));
    } catch (InvalidProtocolBufferException e) {
      throw Failure.INTERNAL.because("a peer sent a broken " + name() + ": " + e.getMessage());
    }
  }

  @Override
  public M transform(M message) {
    return message;
  }

  @Override
  public String name() {
    return nameOf(prototype);
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
