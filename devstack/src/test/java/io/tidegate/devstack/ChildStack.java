package io.tidegate.devstack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

/**
 * A process that brings a stack up and then waits to be killed; writes its URIs to a file.
 *
 * <p>Arguments: the data directory and, unless Kafka is to be started too, Kafka's address.
 */
final class ChildStack {
  private ChildStack() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    String kafka = arguments.length > 1 ? arguments[1] : null;
    DevStack stack = DevStack.in(directory).kafkaServers(kafka).start();
    Properties uris = new Properties();
    uris.setProperty("postgres", stack.postgresUri());
    uris.setProperty("redis", stack.redisUri());
    uris.setProperty("kafka", stack.kafkaServers());
    Path draft = directory.resolve("uris.draft");
    try (var out = Files.newBufferedWriter(draft)) {
      uris.store(out, null);
    }
    Files.move(draft, directory.resolve("uris"));
    new CountDownLatch(1).await();
  }
}
