package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.load.EventBodies.Kind;
import io.tidegate.load.SentEvents.Balance;
import io.tidegate.load.Verdict.Outcome;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SentEventsTest {
  private static final Pattern ID = Pattern.compile("\"messageId\":\"([^\"]+)\"");

  private final EventBodies bodies = new EventBodies("load-7", Instant.EPOCH);
  private final SentEvents sent = new SentEvents();
  private final List<String> stored = new ArrayList<>();

  private static List<String> ids(Letter letter) {
    List<String> ids = new ArrayList<>();
    Matcher id = ID.matcher(new String(letter.body(), StandardCharsets.UTF_8));
    while (id.find()) {
      ids.add(id.group(1));
    }
    return ids;
  }

  private Balance balance() throws SQLException {
    return sent.balance(bodies, stored::forEach);
  }

  @Test
  void whatWasAcknowledgedIsThereOnce() throws SQLException {
    Letter one = bodies.letter(Kind.VIEW, "1");
    Letter batch = bodies.letter(10, "2");
    Letter unanswered = bodies.letter(Kind.CART, "3");
    sent.acknowledge(one);
    sent.acknowledge(batch);
    stored.addAll(ids(one));
    stored.addAll(ids(batch));
    stored.addAll(ids(unanswered));
    stored.addAll(List.of("of-others", "load-71-000000000000", "load-7-000000000"));
    assertThat(balance()).isEqualTo(new Balance(11, 0, 12, 0));
    assertThat(balance().nothingLost().outcome()).isEqualTo(Outcome.PASS);
    assertThat(balance().noneTwice().outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void anotherEventDoesNotStandInForOneThatIsLost() throws SQLException {
    Letter lost = bodies.letter(Kind.VIEW, "1");
    Letter unanswered = bodies.letter(Kind.VIEW, "1");
    sent.acknowledge(lost);
    stored.addAll(ids(unanswered));
    assertThat(balance()).isEqualTo(new Balance(1, 1, 1, 0));
    assertThat(balance().nothingLost().outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void oneOfABatchThatIsMissingShows() throws SQLException {
    Letter batch = bodies.letter(10, "2");
    sent.acknowledge(batch);
    stored.addAll(ids(batch).subList(0, 9));
    assertThat(balance()).isEqualTo(new Balance(10, 1, 9, 0));
  }

  @Test
  void whatIsThereTwiceShows() throws SQLException {
    Letter one = bodies.letter(Kind.VIEW, "1");
    sent.acknowledge(one);
    stored.addAll(ids(one));
    stored.addAll(ids(one));
    assertThat(balance()).isEqualTo(new Balance(1, 0, 1, 1));
    assertThat(balance().noneTwice().outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void withoutAnyNothingIsKnown() throws SQLException {
    assertThat(balance().nothingLost().outcome()).isEqualTo(Outcome.UNKNOWN);
  }
}
