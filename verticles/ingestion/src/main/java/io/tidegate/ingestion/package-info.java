/**
 * Ingestion: {@link io.tidegate.ingestion.EventIntake} validates events in the caller's event loop
 * and hands a tick's worth over the bus; {@link io.tidegate.ingestion.IngestionVerticle} writes
 * them to Kafka and answers after acks=all.
 */
@NullMarked
package io.tidegate.ingestion;

import org.jspecify.annotations.NullMarked;
