/** Who is calling: write keys for ingestion, signed tokens for readers. */
@NullMarked
package io.tidegate.edge.auth;

import org.jspecify.annotations.NullMarked;
