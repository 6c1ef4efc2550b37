/**
 * The command `bench`: Tidegate beside other gateways and beside the bare tools it stands on, on
 * one machine in one run, and the bars it is to clear.
 */
@NullMarked
package io.tidegate.bench;

import org.jspecify.annotations.NullMarked;
