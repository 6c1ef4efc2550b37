package io.tidegate.edge.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.edge.auth.KeySet.VerificationKey;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.CompactSerializer;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Turns a JSON Web Token into a {@link Viewer}: RS256, ES256 and EdDSA, each only with a key of its
 * own type; {@code exp}, {@code nbf}, {@code aud}, {@code iss}, {@code sub} and {@code role}
 * checked. What was verified is kept until it expires or its key leaves the key set; what was
 * refused is kept for a few seconds, so that a flood of one bad token costs no signature check
 * each. Safe from any thread.
 */
final class TokenVerifier {
  static final int MAX_TOKEN = 8 * 1024;

  private static final int MAX_SUBJECT = 256;
  private static final String MALFORMED =
      "token: a claim of the wrong type or out of range (expected: those of RFC 7519)";
  private static final Duration REFUSAL_KEPT = Duration.ofSeconds(5);
  private static final String[] ALGORITHMS = {
    AlgorithmIdentifiers.RSA_USING_SHA256,
    AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
    AlgorithmIdentifiers.EDDSA
  };
  private static final AlgorithmConstraints PERMITTED =
      new AlgorithmConstraints(ConstraintType.PERMIT, ALGORITHMS);

  private final KeyRing ring;
  private final String audience;
  private final String issuer;
  private final Duration clockSkew;
  private final InstantSource clock;
  private final Cache<String, Verified> verified;
  private final Cache<String, FailureException> refused;

  private record Verified(Viewer viewer, long untilMs, String keyThumbprint) {}

  TokenVerifier(KeyRing ring, AuthConfig config, InstantSource clock) {
    this.ring = ring;
    this.audience = config.audience();
    this.issuer = config.issuer();
    this.clockSkew = config.clockSkew();
    this.clock = clock;
    this.verified =
        Caffeine.newBuilder()
            .maximumWeight(config.tokenCacheBytes())
            .weigher(
                (String token, Verified entry) ->
                    160 + token.length() + 2 * entry.viewer.subject().length())
            .recordStats()
            .build();
    this.refused =
        Caffeine.newBuilder()
            .maximumWeight(config.tokenCacheBytes() / 16)
            .weigher((String token, FailureException why) -> 300 + token.length())
            .expireAfterWrite(REFUSAL_KEPT)
            .build();
  }

  /**
   * The viewer that a token speaks for.
   *
   * @return fails with {@link Failure#INVALID_TOKEN}, {@link Failure#FORBIDDEN} (a role that this
   *     gateway does not know) or {@link Failure#KEYS_UNAVAILABLE}
   */
  Future<Viewer> verify(String token) {
    KeySet keys = ring.current();
    Verified known = verified.getIfPresent(token);
    if (known != null && keys != null && keys.contains(known.keyThumbprint)) {
      if (clock.millis() < known.untilMs) {
        return Future.succeededFuture(known.viewer);
      }
      verified.invalidate(token);
    }
    if (token.length() > MAX_TOKEN) {
      return Future.failedFuture(
          Failure.INVALID_TOKEN.because(
              "token: " + token.length() + " characters (expected: <= " + MAX_TOKEN + ")"));
    }
    FailureException refusal = refused.getIfPresent(token);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    Header header;
    try {
      header = headerOf(token);
      VerificationKey key = keys == null ? null : keys.find(header.keyId, header.algorithm);
      if (key != null) {
        return Future.succeededFuture(check(token, key));
      }
    } catch (FailureException e) {
      return refuse(token, e);
    }
    Header named = header;
    return ring.refresh().compose(done -> withRefreshedKeys(token, named));
  }

  private Future<Viewer> withRefreshedKeys(String token, Header header) {
    KeySet keys = ring.current();
    if (keys == null) {
      return Future.failedFuture(
          new FailureException(
              Failure.KEYS_UNAVAILABLE,
              "the keys that verify tokens could not be read",
              Duration.ofSeconds(5)));
    }
    try {
      VerificationKey key = keys.find(header.keyId, header.algorithm);
      if (key == null) {
        // Not kept as refused: the key may be in the next set.
        return Future.failedFuture(
            Failure.INVALID_TOKEN.because(
                "kid: "
                    + header.keyId
                    + " (expected: one of the key set, for "
                    + header.algorithm
                    + ")"));
      }
      return Future.succeededFuture(check(token, key));
    } catch (FailureException e) {
      return refuse(token, e);
    }
  }

  private Future<Viewer> refuse(String token, FailureException why) {
    refused.put(token, why);
    return Future.failedFuture(why);
  }

  private record Header(@Nullable String keyId, String algorithm) {}

  private static Header headerOf(String token) {
    try {
      String[] parts = CompactSerializer.deserialize(token);
      if (parts.length != 3) {
        throw Failure.INVALID_TOKEN.because(
            "token: " + parts.length + " parts (expected: 3, a signed JSON Web Token)");
      }
      Map<String, Object> header =
          JsonUtil.parseJson(org.jose4j.base64url.Base64Url.decodeToUtf8String(parts[0]));
      if (!(header.get("alg") instanceof String algorithm)
          || !List.of(ALGORITHMS).contains(algorithm)) {
        throw Failure.INVALID_TOKEN.because(
            "alg: " + shown(header.get("alg")) + " (expected: RS256, ES256 or EdDSA)");
      }
      return new Header(header.get("kid") instanceof String id ? shown(id) : null, algorithm);
    } catch (JoseException | RuntimeException e) {
      throw e instanceof FailureException failure
          ? failure
          : Failure.INVALID_TOKEN.because("token: broken (expected: a signed JSON Web Token)");
    }
  }

  private Viewer check(String token, VerificationKey key) {
    long now = clock.millis();
    try {
      JwtClaims claims =
          new JwtConsumerBuilder()
              .setJwsAlgorithmConstraints(PERMITTED)
              .setVerificationKey(key.key())
              .setExpectedAudience(audience)
              .setExpectedIssuer(issuer)
              .setRequireExpirationTime()
              .setRequireSubject()
              .setAllowedClockSkewInSeconds((int) clockSkew.toSeconds())
              .setEvaluationTime(NumericDate.fromMilliseconds(now))
              .build()
              .processToClaims(token);
      String subject = claims.getSubject();
      if (subject.isEmpty() || subject.length() > MAX_SUBJECT) {
        throw Failure.INVALID_TOKEN.because(
            "sub: " + subject.length() + " characters (expected: 1 to " + MAX_SUBJECT + ")");
      }
      Object claim = claims.getClaimValue("role");
      Role role = claim instanceof String text ? Role.ofClaim(text) : null;
      if (role == null) {
        throw Failure.FORBIDDEN.because(
            "role: " + shown(claim) + " (expected: customer, agent, supervisor or admin)");
      }
      Viewer viewer = new Viewer(subject, role);
      // Within the clock skew after that it still passes, but is looked at each time.
      long until = claims.getExpirationTime().getValueInMillis();
      if (now < until) {
        verified.put(token, new Verified(viewer, until, key.thumbprint()));
      }
      return viewer;
    } catch (InvalidJwtException e) {
      throw Failure.INVALID_TOKEN.because(reason(e));
    } catch (MalformedClaimException e) {
      throw Failure.INVALID_TOKEN.because(MALFORMED);
    } catch (FailureException e) {
      throw e;
    } catch (RuntimeException e) { // such as a time that no long holds in milliseconds
      throw Failure.INVALID_TOKEN.because(MALFORMED);
    }
  }

  private String reason(InvalidJwtException e) {
    try {
      JwtClaims claims = e.getJwtContext() == null ? null : e.getJwtContext().getJwtClaims();
      if (e.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)) {
        return "signature: does not fit (expected: one made with the key that the token names)";
      }
      if (claims != null) {
        if (e.hasErrorCode(ErrorCodes.EXPIRED)) {
          return "expired at "
              + claims.getExpirationTime().getValue()
              + " (expected: exp after "
              + clock.instant().getEpochSecond()
              + ")";
        }
        if (e.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
          return "nbf: "
              + claims.getNotBefore().getValue()
              + " (expected: <= "
              + clock.instant().getEpochSecond()
              + ")";
        }
        if (e.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)) {
          return "wrong audience '"
              + shown(String.join("', '", claims.getAudience()))
              + "' (expected: '"
              + audience
              + "')";
        }
        if (e.hasErrorCode(ErrorCodes.ISSUER_INVALID)) {
          return "wrong issuer '" + shown(claims.getIssuer()) + "' (expected: '" + issuer + "')";
        }
      }
      if (e.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
        return "aud: absent (expected: '" + audience + "')";
      }
      if (e.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
        return "iss: absent (expected: '" + issuer + "')";
      }
      if (e.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
        return "exp: absent (expected: a time in the future)";
      }
      if (e.hasErrorCode(ErrorCodes.SUBJECT_MISSING)) {
        return "sub: absent (expected: who the token is for)";
      }
    } catch (MalformedClaimException | RuntimeException malformed) {
      return MALFORMED;
    }
    return "token: not valid (expected: a signed JSON Web Token with exp, aud, iss, sub and role)";
  }

  /** A caller's value, short and printable, fit for a message that goes into a header. */
  private static String shown(@Nullable Object value) {
    if (value == null) {
      return "absent";
    }
    String text = value.toString();
    StringBuilder out = new StringBuilder(Math.min(text.length(), 64));
    for (int i = 0; i < text.length() && i < 64; i++) {
      char c = text.charAt(i);
      out.append(c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? c : '?');
    }
    return out.toString();
  }

  Cache<?, ?> cache() {
    return verified;
  }
}
