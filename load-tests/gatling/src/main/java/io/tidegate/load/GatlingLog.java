package io.tidegate.load;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Gatling says of a run that has ended, read from its own words: it leaves no figures in a
 * form for programs.
 *
 * @param requests all that were sent
 * @param failed those without an answer, or with one that was not expected
 * @param errors why they failed, most frequent first, as Gatling puts it
 * @param assertions those in the simulation
 */
record GatlingLog(long requests, long failed, List<String> errors, List<Verdict> assertions) {
  private static final Pattern COUNT =
      Pattern.compile("> request count +\\| +([0-9,]+) \\| +([0-9,]+|-) \\| +([0-9,]+|-).*");
  private static final Pattern ERROR = Pattern.compile("> (.*?) +([0-9,]+) +\\( *([0-9.]+%)\\) *");
  private static final Pattern ASSERTION =
      Pattern.compile("(.+) : (true|false) \\(actual : ([^)]*)\\)");
  private static final String ERRORS = "---- Errors ---";

  static GatlingLog parse(List<String> lines) {
    long requests = 0;
    long failed = 0;
    List<String> errors = new ArrayList<>();
    List<Verdict> assertions = new ArrayList<>();
    boolean inErrors = false;
    for (String line : lines) {
      Matcher count = COUNT.matcher(line);
      Matcher error = ERROR.matcher(line);
      Matcher assertion = ASSERTION.matcher(line);
      if (line.startsWith(ERRORS)) {
        inErrors = true;
      } else if (count.matches()) {
        requests = number(count.group(1));
        failed = number(count.group(3));
      } else if (inErrors && error.matches()) {
        errors.add(error.group(2) + "  " + error.group(1));
      } else if (assertion.matches()) {
        assertions.add(
            Verdict.of(
                assertion.group(2).equals("true"),
                "%s (found: %s)",
                assertion.group(1),
                assertion.group(3)));
      } else if (line.startsWith("====")) {
        inErrors = false;
      }
    }
    return new GatlingLog(requests, failed, List.copyOf(errors), List.copyOf(assertions));
  }

  private static long number(String text) {
    return text.equals("-") ? 0 : Long.parseLong(text.replace(",", ""));
  }
}
