package io.tidegate.node;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints {@code GET /cluster} of a node as a table, once or every second. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints the cluster as one node sees it: who is there, whether it is ready and if not why, what it does,",
      "which versions are in force there, and what works in a lesser way. A version with a star is older than",
      "another node's, or not what the others have. Exit code 1 when no node answers."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class ClusterCommand implements Callable<Integer> {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** A terminal's other screen, and no cursor on it; then back to the first. */
  private static final String ENTER = "\033[?1049h\033[?25l";

  private static final String LEAVE = "\033[?25h\033[?1049l";
  private static final String HOME = "\033[H";
  private static final String REST_OF_LINE = "\033[K";
  private static final String REST_OF_SCREEN = "\033[J";

  @Spec CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8081",
      description = "The management port of any node (default: ${DEFAULT-VALUE}).")
  String url;

  @Option(
      names = "--watch",
      description =
          "Every second anew, in place, until Ctrl-C; one table after another when the output is no terminal.")
  boolean watch;

  @Override
  public Integer call() throws InterruptedException {
    URI page = page();
    boolean terminal = isTerminal();
    PrintWriter out = spec.commandLine().getOut();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build()) {
      if (!watch) {
        table(client, page, terminal).forEach(out::println);
        out.flush();
      } else if (terminal) {
        watchInPlace(client, page, out);
      } else {
        watchOnAndOn(client, page, out);
      }
    }
    return 0;
  }

  @SuppressWarnings("SystemConsoleNull") // null with the console of java.base, JDK 25's default
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private URI page() {
    try {
      URI given = URI.create(url.contains("://") ? url : "http://" + url);
      if (given.getHost() != null && List.of("http", "https").contains(given.getScheme())) {
        return given.resolve("/cluster");
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new CommandFailure("--url: " + url + " (expected: such as http://127.0.0.1:8081)");
  }

  private static void watchInPlace(HttpClient client, URI page, PrintWriter out)
      throws InterruptedException {
    // Ctrl-C ends the process from outside of this loop.
    Thread leave =
        new Thread(
            () -> {
              out.print(LEAVE);
              out.flush();
            },
            "tidegate-terminal");
    Runtime.getRuntime().addShutdownHook(leave);
    out.print(ENTER);
    while (!out.checkError()) {
      StringBuilder screen = new StringBuilder(HOME);
      for (String line : tableOrWhyNot(client, page, true)) {
        screen.append(line).append(REST_OF_LINE).append("\r\n");
      }
      out.print(screen.append(REST_OF_SCREEN));
      out.flush();
      Thread.sleep(EVERY);
    }
  }

  private static void watchOnAndOn(HttpClient client, URI page, PrintWriter out)
      throws InterruptedException {
    while (true) {
      tableOrWhyNot(client, page, false).forEach(out::println);
      out.println();
      // Nobody reads it any more.
      if (out.checkError()) {
        return;
      }
      Thread.sleep(EVERY);
    }
  }

  /** A node that is away for a moment must not end the watch. */
  private static List<String> tableOrWhyNot(HttpClient client, URI page, boolean colours)
      throws InterruptedException {
    try {
      return table(client, page, colours);
    } catch (CommandFailure e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> table(HttpClient client, URI page, boolean colours)
      throws InterruptedException {
    HttpResponse<String> answer;
    try {
      answer =
          client.send(
              HttpRequest.newBuilder(page).timeout(ANSWER_LIMIT).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CommandFailure(
          "nobody answers at %s (expected: a node's management port; %s)"
              .formatted(page, reason(e)));
    }
    try {
      if (answer.statusCode() == 200) {
        return new ClusterTable(new JsonObject(answer.body()), colours).lines();
      }
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      // Another page of another program, whatever it is.
    }
    throw new CommandFailure(
        "%s is not a Tidegate's: status %d without a cluster (expected: a node's management port)"
            .formatted(page, answer.statusCode()));
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
