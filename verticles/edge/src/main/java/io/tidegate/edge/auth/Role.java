package io.tidegate.edge.auth;

import org.jspecify.annotations.Nullable;

/** What a token's {@code role} claim may say. */
public enum Role {
  CUSTOMER("customer"),
  AGENT("agent"),
  SUPERVISOR("supervisor"),
  ADMIN("admin");

  private final String claim;

  Role(String claim) {
    this.claim = claim;
  }

  /** As it stands in the claim. */
  public String claim() {
    return claim;
  }

  static @Nullable Role ofClaim(String claim) {
    for (Role role : values()) {
      if (role.claim.equals(claim)) {
        return role;
      }
    }
    return null;
  }
}
