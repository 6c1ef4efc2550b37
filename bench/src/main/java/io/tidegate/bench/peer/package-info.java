/** Programs that are measured beside Tidegate, each run in a process of its own. */
@NullMarked
package io.tidegate.bench.peer;

import org.jspecify.annotations.NullMarked;
