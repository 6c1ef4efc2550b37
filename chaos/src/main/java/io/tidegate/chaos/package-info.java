/**
 * The command `chaos`: real node processes on real servers under steady traffic, one fault after
 * the other, and the books checked after each.
 */
@NullMarked
package io.tidegate.chaos;

import org.jspecify.annotations.NullMarked;
