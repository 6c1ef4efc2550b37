/** Load tests by Gatling: what a sales day does to a gateway, and whether it stands it. */
@NullMarked
package io.tidegate.load;

import org.jspecify.annotations.NullMarked;
