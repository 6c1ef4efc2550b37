package io.tidegate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.Config;
import io.tidegate.platform.Checks;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.Problem;
import java.io.FileNotFoundException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class ClusterConfigTest {
  @Test
  void aloneByDefault() {
    ClusterConfig config = config(Map.of());
    assertThat(config.joinBy()).isEmpty();
    assertThat(config.name()).isEqualTo("tidegate");
    assertThat(config.host()).isEqualTo("127.0.0.1");
    assertThat(config.port()).isEqualTo(5701);
    assertThat(config.busPort()).isZero();
    assertThat(config.insecure()).isFalse();
    assertThat(problems(Map.of())).isEmpty();
  }

  @Test
  void whatIsSetTellsHowToJoin() {
    assertThat(config(Map.of("cluster.members", "a:1,b:2")).joinBy()).contains("members");
    assertThat(config(Map.of("cluster.kubernetes-service", "tidegate.shop")).joinBy())
        .contains("kubernetes");
    assertThat(config(Map.of("cluster.join", "one-machine")).joinBy()).contains("one-machine");
  }

  @Test
  void theBusStaysOnLoopbackUnlessItIsSafeOrAllowed() {
    Map<String, String> open =
        Map.of("cluster.members", "10.0.0.1:5701", "cluster.host", "10.0.0.1");
    assertThat(problems(open))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.key()).isEqualTo("cluster.host");
              assertThat(problem.expected()).contains("127.0.0.1", "cluster.tls", "insecure");
            });
    assertThat(problems(with(open, "cluster.insecure", "true"))).isEmpty();
    Map<String, String> tls = with(open, "cluster.tls.certificate", "c.pem");
    assertThat(problems(tls)).extracting(Problem::key).contains("cluster.tls", "cluster.host");
    tls = with(with(tls, "cluster.tls.key", "k.pem"), "cluster.tls.ca", "ca.pem");
    assertThat(problems(tls)).isEmpty();
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(problems(Map.of("cluster.join", "members")))
        .extracting(Problem::key)
        .containsExactly("cluster.members");
    assertThat(problems(Map.of("cluster.join", "kubernetes")))
        .extracting(Problem::key)
        .containsExactly("cluster.kubernetes-service");
    assertThat(problems(Map.of("cluster.members", "no port or two:1:2")))
        .extracting(Problem::key)
        .containsExactly("cluster.members");
  }

  @Test
  void everyWayToJoinIsAFileWithoutMulticast() throws Exception {
    for (String by : List.of("one-machine", "members", "kubernetes")) {
      ClusterConfig cluster =
          config(
              Map.of(
                  "cluster.name", "shop",
                  "cluster.port", "6000",
                  "cluster.members", "a:1,b:2",
                  "cluster.kubernetes-service", "tidegate.shop"));
      Config config = HazelcastSettings.of(cluster, by);
      assertThat(config.getClusterName()).isEqualTo("shop-bus1");
      assertThat(config.getNetworkConfig().getPort()).isEqualTo(6000);
      assertThat(config.getNetworkConfig().getJoin().getMulticastConfig().isEnabled()).isFalse();
      assertThat(config.getNetworkConfig().getJoin().isAutoDetectionEnabled()).isFalse();
      assertThat(config.getProperty("hazelcast.shutdownhook.enabled")).isEqualTo("false");
    }
    assertThat(
            HazelcastSettings.of(config(Map.of("cluster.members", "a:1,b:2")), "members")
                .getNetworkConfig()
                .getJoin()
                .getTcpIpConfig()
                .getMembers())
        .containsExactly("a:1", "b:2");
    Assertions.assertThatThrownBy(() -> HazelcastSettings.of(config(Map.of()), "no-such.yaml"))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("no-such.yaml", "kubernetes");
  }

  private static Map<String, String> with(Map<String, String> settings, String key, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(key, value);
    return more;
  }

  private static ClusterConfig config(Map<String, String> settings) {
    return ConfigLoader.section(ClusterConfig.class, settings);
  }

  private static List<Problem> problems(Map<String, String> settings) {
    Checks checks = new Checks(key -> "tidegate.yaml");
    ClusterConfig.check(config(settings), checks);
    return checks.problems();
  }
}
