package io.tidegate.node;

import java.util.Optional;

/** What {@code up} prints when it is ready: where things are and five commands to paste. */
final class Welcome {
  private Welcome() {}

  /**
   * What callers show.
   *
   * @param shown the credential itself when it is ours, else where to find it
   * @param inCommands as it stands in a command between double quotes
   */
  record Credential(String shown, String inCommands) {
    /**
     * @param givenBy what sets another one than ours
     * @param variable the shell variable that commands take another one from
     */
    static Credential of(String ours, Optional<String> givenBy, String variable) {
      return givenBy
          .map(by -> new Credential("yours, by " + by + "; export " + variable, "$" + variable))
          .orElseGet(() -> new Credential(ours, ours));
    }
  }

  static String text(
      int port, int managementPort, Credential writeKey, String customer, Credential token) {
    String url = "http://127.0.0.1:" + port;
    return """

        Gateway     %1$s
        Management  http://127.0.0.1:%2$d
        Write key   %5$s
        Customer    %3$s
        Token       %4$s

        Try (each line can be pasted as it stands):

        # an event
        curl -s %1$s/v1/track -u "%6$s:" -H 'Content-Type: application/json' -d '{"userId":"%3$s","event":"Product Viewed","properties":{"productId":"p-1"}}'

        # a batch
        curl -s %1$s/v1/batch -u "%6$s:" -H 'Content-Type: application/json' -d '{"batch":[{"type":"identify","userId":"%3$s","traits":{"name":"Ada","email":"ada@example.com"}},{"type":"track","userId":"%3$s","event":"Order Completed"}]}'

        # a profile
        curl -s %1$s/v1/customers/%3$s/profile -H "Authorization: Bearer %7$s"

        # a routed call
        curl -s %1$s/demo/hello -H "Authorization: Bearer %7$s"

        # metrics
        curl -s http://127.0.0.1:%2$d/metrics | grep ^tidegate_

        Ctrl-C stops everything. Shop traffic: ./tidegate simulate --help
        """
        .formatted(
            url,
            managementPort,
            customer,
            token.shown(),
            writeKey.shown(),
            writeKey.inCommands(),
            token.inCommands());
  }
}
