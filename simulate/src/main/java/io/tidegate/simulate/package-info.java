/**
 * The command `simulate`: a client of the public API that sends shop traffic at a steady rate or
 * replays a behaviour file, and the development tokens it signs to do so.
 */
@NullMarked
package io.tidegate.simulate;

import org.jspecify.annotations.NullMarked;
