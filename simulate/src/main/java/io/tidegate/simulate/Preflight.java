package io.tidegate.simulate;

import java.util.concurrent.ExecutionException;

/**
 * What is asked of a gateway before anything is sent to it, so that a wrong address or key ends in
 * one line.
 */
final class Preflight {
  private Preflight() {}

  /** One empty batch tells whether anyone is there, and whether the write key is believed. */
  static void ingestion(Api api) throws Stopped, InterruptedException, ExecutionException {
    Answer answer = await(api, Call.event("check", "/v1/batch", "{\"batch\":[]}"));
    switch (answer.status()) {
      case 0 -> throw new Stopped(api + ": " + answer.detail() + " (is the node running?)");
      case 401, 403 -> throw new Stopped(api + ": the write key was refused: " + answer);
      case 404, 405 -> throw new Stopped(api + ": no ingestion API there: " + answer);
      default -> {}
    }
  }

  static void profiles(Api api) throws Stopped, InterruptedException, ExecutionException {
    Answer answer = await(api, Call.read(Call.PROFILE, "/v1/customers/simulate/profile"));
    if (answer.status() == 401 || answer.status() == 403) {
      throw new Stopped(api + ": the token was refused for profile reads: " + answer);
    }
  }

  private static Answer await(Api api, Call call) throws InterruptedException, ExecutionException {
    return api.send(call).toCompletionStage().toCompletableFuture().get();
  }
}
