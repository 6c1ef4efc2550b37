package io.tidegate.profile;

import com.google.protobuf.ByteString;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.Source;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * What an id shows: a customer's profile as the API answers it, or that there is none. Immutable;
 * one view is handed to many requests on many event loops at once.
 *
 * @param id the id that was asked for, which may be an alias of the profile's own
 * @param exists false: nobody by that id was ever seen, or it was erased
 * @param version grows with every change of what the id shows; 0: never seen
 * @param json the bytes to send, empty when it does not exist. Shared: it may be written by several
 *     event loops at once (a write takes a slice and never releases it), and must never be appended
 *     to or changed
 * @param etag a strong entity tag with its quotes (RFC 9110, section 8.8.3); empty when it does not
 *     exist
 * @param layer where this answer came from
 * @param stale the truth could not be reached, and may differ
 * @param fetchedNanos when the process got it, {@link System#nanoTime()}
 */
public record ProfileView(
    String id,
    boolean exists,
    long version,
    Buffer json,
    String etag,
    Layer layer,
    boolean stale,
    long fetchedNanos) {

  /** For how long this process has held it, milliseconds. */
  public long ageMs() {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - fetchedNanos));
  }

  /** The same, as another layer's answer. */
  ProfileView from(Layer other, boolean isStale) {
    return other == layer && isStale == stale
        ? this
        : new ProfileView(id, exists, version, json, etag, other, isStale, fetchedNanos);
  }

  /** What the far side answered. */
  static ProfileView of(String id, FoundProfile found, long now) {
    ByteString json = found.getJson();
    return new ProfileView(
        id,
        found.getExists(),
        found.getVersion(),
        Buffer.buffer(json.toByteArray()),
        found.getExists() ? etag(found.getVersion(), json) : "",
        found.getSource() == Source.SOURCE_REDIS ? Layer.REDIS : Layer.POSTGRES,
        found.getStale(),
        now);
  }

  /**
   * Strong: the version tells changes apart, the checksum whatever else the bytes could differ in.
   */
  private static String etag(long version, ByteString json) {
    CRC32C checksum = new CRC32C();
    checksum.update(json.asReadOnlyByteBuffer());
    return "\"v" + version + "-" + Long.toHexString(checksum.getValue()) + "\"";
  }
}
