package io.tidegate.routing;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.random.RandomGenerator;

/** How an upstream's requests are spread over its endpoints. */
enum Balance {
  /**
   * Of two at random, the one with fewer requests under way: close to the best of all, without
   * every gateway running to the same one (Mitzenmacher, The Power of Two Choices).
   */
  @JsonProperty("least-requests")
  LEAST_REQUESTS {
    @Override
    Endpoint pick(List<Endpoint> endpoints, String key, RandomGenerator random) {
      int count = endpoints.size();
      int one = random.nextInt(count);
      int other = count == 1 ? 0 : (one + 1 + random.nextInt(count - 1)) % count;
      Endpoint first = endpoints.get(one);
      Endpoint second = endpoints.get(other);
      return second.inFlight() < first.inFlight() ? second : first;
    }
  },

  /**
   * The same customer to the same endpoint, by rendezvous hashing: when one goes, only its
   * customers move (Thaler and Ravishankar).
   */
  @JsonProperty("customer-hash")
  CUSTOMER_HASH {
    @Override
    Endpoint pick(List<Endpoint> endpoints, String key, RandomGenerator random) {
      Endpoint best = endpoints.getFirst();
      long most = Long.MIN_VALUE;
      for (Endpoint endpoint : endpoints) {
        long weight = mix(hash(key) ^ mix(hash(endpoint.url())));
        if (weight > most) {
          most = weight;
          best = endpoint;
        }
      }
      return best;
    }
  };

  /**
   * @param endpoints those to choose from, at least one
   * @param key whose request it is
   */
  abstract Endpoint pick(List<Endpoint> endpoints, String key, RandomGenerator random);

  // FNV-1a: String.hashCode has only 32 bits, and those of like names are close together.
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  // The finalizer of SplitMix64.
  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
