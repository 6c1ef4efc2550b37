/**
 * Real Postgres, Redis and Kafka, started from Maven artifacts for development and for tests.
 *
 * <p>{@link io.tidegate.devstack.DevStack} brings up all three with lasting data; {@link
 * io.tidegate.devstack.TestServers} shares one set per test JVM. Postgres and Redis are processes
 * under a guard that ends them when this JVM ends, however it ends; Kafka runs inside the JVM.
 *
 * <p>The servers' own output goes to {@code postgres.log} and {@code redis.log} beside their data.
 * Kafka logs through SLF4J, and it is chatty: set {@code org.apache.kafka}, {@code kafka}, {@code
 * state.change.logger} to {@code ERROR} in the application's logback configuration, or include
 * {@code io/tidegate/devstack/quiet-logback.xml}, which does that.
 */
@NullMarked
package io.tidegate.devstack;

import org.jspecify.annotations.NullMarked;
