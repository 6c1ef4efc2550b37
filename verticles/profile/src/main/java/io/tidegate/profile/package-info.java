/**
 * Profile lookup: {@link io.tidegate.profile.ProfileLookup} answers from the process, {@link
 * io.tidegate.profile.ProfileVerticle} from Redis and Postgres.
 */
@NullMarked
package io.tidegate.profile;

import org.jspecify.annotations.NullMarked;
