package io.tidegate.edge.auth;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import org.jspecify.annotations.Nullable;

/**
 * Whom a verified token speaks for.
 *
 * @param subject the token's {@code sub}: for a customer, its id
 */
public record Viewer(String subject, Role role) {
  /** Why this viewer may not read a customer, or null when it may: a customer reads only itself. */
  public @Nullable FailureException refusalToRead(String customer) {
    return role != Role.CUSTOMER || subject.equals(customer)
        ? null
        : Failure.FORBIDDEN.because(
            "customer id: "
                + customer
                + " (expected: "
                + subject
                + ", the token's own; role customer reads only itself)");
  }

  /** Why this viewer may not erase customers, or null when it may: supervisors and admins do. */
  public @Nullable FailureException refusalToErase() {
    return role == Role.SUPERVISOR || role == Role.ADMIN
        ? null
        : Failure.FORBIDDEN.because("role: " + role.claim() + " (expected: supervisor or admin)");
  }
}
