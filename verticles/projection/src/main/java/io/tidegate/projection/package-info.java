/**
 * The projection: events of the log become customer profiles in Postgres, each message id exactly
 * once.
 *
 * <h2>What an event does</h2>
 *
 * <ul>
 *   <li>It counts for its user id, or for its anonymous id when it has no user id.
 *   <li>Two kinds link ids: {@code identify} its anonymous id to its user id, {@code alias} its
 *       previous id to its user id. The linked id's past is added to the user's: counts, purchases
 *       and interactions add up, first seen is the earlier one and last seen the later one, traits
 *       of the user win, and the user is the heir of its stored events, which stay under the id
 *       they were recorded for. From then on the linked id is an alias and all its events count for
 *       the user, and are recorded for it. Links are always one step: what pointed at the linked id
 *       points at the user too.
 *   <li>An id that is an alias already and gets linked to another customer (a shared device)
 *       changes hands for the future only; the past stays where it was counted.
 *   <li>An id that was seen as a user id is nobody's anonymous id: {@code identify} does not take
 *       it over. {@code alias} does, as Segment's spec has it, only where {@code
 *       projection.alias-of-users} is on.
 *   <li>track counts by its event's name, page as "Page Viewed", screen as "Screen Viewed"; these
 *       three are interactions. identify, alias and group are not counted, but move first and last
 *       seen.
 *   <li>identify sets traits by top-level key; null removes one.
 *   <li>What happened or arrived before an id's erasure is ignored.
 * </ul>
 *
 * <h2>Why it is exact</h2>
 *
 * A batch is one transaction: offsets, message ids, customers, events. The offsets it starts from
 * are compared with the stored ones under a row lock, so a consumer that lost its partition can't
 * write. Whatever goes wrong, the batch is dropped and read again from the stored offsets.
 */
@NullMarked
package io.tidegate.projection;

import org.jspecify.annotations.NullMarked;
