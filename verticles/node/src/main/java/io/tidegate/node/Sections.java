package io.tidegate.node;

import io.tidegate.cluster.ClusterConfig;
import io.tidegate.edge.EdgeConfig;
import io.tidegate.edge.auth.AuthConfig;
import io.tidegate.ingestion.IngestionConfig;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.KafkaConfig;
import io.tidegate.platform.ManagementConfig;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.Problem;
import io.tidegate.platform.RedisConfig;
import io.tidegate.profile.ProfileConfig;
import io.tidegate.projection.ProjectionConfig;
import io.tidegate.ratelimit.LimitsConfig;
import io.tidegate.routing.RouteFile;
import io.tidegate.routing.RoutingConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The whole configuration: every section there is, and the files of a configuration directory. */
final class Sections {
  static final List<ConfigSection<?>> ALL =
      List.of(
          new ConfigSection<>(NodeConfig.class, NodeConfig::check),
          new ConfigSection<>(ClusterConfig.class, ClusterConfig::check),
          new ConfigSection<>(ManagementConfig.class, ManagementConfig::check),
          new ConfigSection<>(EdgeConfig.class, EdgeConfig::check),
          new ConfigSection<>(AuthConfig.class, AuthConfig::check),
          new ConfigSection<>(IngestionConfig.class, IngestionConfig::check),
          new ConfigSection<>(ProjectionConfig.class, ProjectionConfig::check),
          new ConfigSection<>(ProfileConfig.class, ProfileConfig::check),
          new ConfigSection<>(LimitsConfig.class, LimitsConfig::check),
          new ConfigSection<>(RoutingConfig.class, RoutingConfig::check),
          new ConfigSection<>(PostgresConfig.class, PostgresConfig::check),
          new ConfigSection<>(RedisConfig.class, RedisConfig::check),
          new ConfigSection<>(KafkaConfig.class, KafkaConfig::check));

  private Sections() {}

  /**
   * Reads and checks {@code tidegate.yaml}, {@code limits.yaml} and {@code routes.yaml} of a
   * directory, under the environment and the command line.
   *
   * @throws ConfigurationException with every problem of every file
   */
  static Configuration load(
      Path conf, Map<String, String> environment, Map<String, String> commandLine) {
    List<Problem> problems = new ArrayList<>();
    if (!Files.isDirectory(conf)) {
      throw new ConfigurationException(
          List.of(
              new Problem(
                  "command line", "--conf", conf.toString(), "a directory with tidegate.yaml")));
    }
    List<Path> files = List.of(conf.resolve("tidegate.yaml"), conf.resolve("limits.yaml"));
    for (Path file : files) {
      // Without limits.yaml nothing would be limited, and nobody would notice.
      if (!Files.exists(file)) {
        problems.add(
            new Problem(
                String.valueOf(file.getFileName()),
                "(file)",
                "",
                "a file in " + conf + ", which may be empty"));
      }
    }
    Configuration configuration = null;
    try {
      Map<String, String> ours = new HashMap<>(environment);
      ours.keySet().removeIf(RouteFile::isVariable);
      configuration = ConfigLoader.load(files, ours, commandLine, ALL);
    } catch (ConfigurationException e) {
      problems.addAll(e.problems());
    }
    problems.addAll(routes(conf, environment).check());
    if (configuration != null) {
      problems.addAll(Agreements.check(configuration));
    }
    if (configuration == null || !problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return configuration;
  }

  static RouteFile routes(Path conf, Map<String, String> environment) {
    return new RouteFile(conf.resolve("routes.yaml"), environment);
  }
}
