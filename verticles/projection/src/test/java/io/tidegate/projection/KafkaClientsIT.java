package io.tidegate.projection;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;
import org.junit.jupiter.api.Test;

class KafkaClientsIT {
  /** Made by each client whose settings name it. */
  public static final class ClientsSeen implements MetricsReporter {
    static final Set<String> IDS = ConcurrentHashMap.newKeySet();

    @Override
    public void configure(Map<String, ?> settings) {
      IDS.add(String.valueOf(settings.get("client.id")));
    }

    @Override
    public void init(List<KafkaMetric> metrics) {}

    @Override
    public void metricChange(KafkaMetric metric) {}

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {}
  }

  @Test
  void propertiesReachEveryClient() throws Exception {
    try (Harness harness = new Harness(1)) {
      harness.clients.put("metric.reporters", ClientsSeen.class.getName());
      harness.node();
      Set<String> all =
          Set.of("tidegate-projection", "tidegate-projection-admin", "tidegate-dead-letters");
      Harness.await(() -> ClientsSeen.IDS.containsAll(all), () -> ClientsSeen.IDS.toString());
    }
  }
}
