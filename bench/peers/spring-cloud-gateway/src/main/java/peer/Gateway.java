package peer;

import java.security.Principal;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.filter.ratelimit.KeyResolver;
import org.springframework.cloud.gateway.filter.ratelimit.RedisRateLimiter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;

/**
 * Two routes to one upstream: /routed for callers with a token, each under a limit of the Redis limiter that never
 * bites; /plain for anybody, without a limit.
 */
@SpringBootApplication
public class Gateway {
  private static final int RATE = 1_000_000;

  public static void main(String[] args) {
    SpringApplication.run(Gateway.class, args);
  }

  @Bean
  RedisRateLimiter limiter() {
    return new RedisRateLimiter(RATE, RATE, 1);
  }

  @Bean
  KeyResolver user() {
    return exchange -> exchange.getPrincipal().map(Principal::getName);
  }

  @Bean
  RouteLocator routes(
      RouteLocatorBuilder builder, RedisRateLimiter limiter, KeyResolver user, @Value("${upstream}") String upstream) {
    return builder
        .routes()
        .route(
            "routed",
            route ->
                route
                    .path("/routed/**")
                    .filters(
                        filters ->
                            filters.requestRateLimiter(limits -> limits.setRateLimiter(limiter).setKeyResolver(user)))
                    .uri(upstream))
        .route("plain", route -> route.path("/plain/**").uri(upstream))
        .build();
  }

  @Bean
  SecurityWebFilterChain security(ServerHttpSecurity http) {
    return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
        .authorizeExchange(paths -> paths.pathMatchers("/plain/**").permitAll().anyExchange().authenticated())
        .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
        .build();
  }
}
