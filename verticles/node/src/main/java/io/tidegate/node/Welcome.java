package io.tidegate.node;

/** What {@code up} prints when it is ready: where things are and five commands to paste. */
final class Welcome {
  private Welcome() {}

  static String text(int port, int managementPort, String customer, String token) {
    String url = "http://127.0.0.1:" + port;
    return """

        Gateway     %1$s
        Management  http://127.0.0.1:%2$d
        Write key   dev
        Customer    %3$s
        Token       %4$s

        Try (each line can be pasted as it stands):

        # an event
        curl -s %1$s/v1/track -u dev: -H 'Content-Type: application/json' -d '{"userId":"%3$s","event":"Product Viewed","properties":{"productId":"p-1"}}'

        # a batch
        curl -s %1$s/v1/batch -u dev: -H 'Content-Type: application/json' -d '{"batch":[{"type":"identify","userId":"%3$s","traits":{"name":"Ada","email":"ada@example.com"}},{"type":"track","userId":"%3$s","event":"Order Completed"}]}'

        # a profile
        curl -s %1$s/v1/customers/%3$s/profile -H 'Authorization: Bearer %4$s'

        # a routed call
        curl -s %1$s/demo/hello -H 'Authorization: Bearer %4$s'

        # metrics
        curl -s http://127.0.0.1:%2$d/metrics | grep ^tidegate_

        Ctrl-C stops everything. Shop traffic: ./tidegate simulate --help
        """
        .formatted(url, managementPort, customer, token);
  }
}
