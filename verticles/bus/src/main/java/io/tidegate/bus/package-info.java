/**
 * The bus between near and far sides: every channel in {@link io.tidegate.bus.BusMap}, protobuf on
 * the wire, the nearest far side preferred, calls bounded in time and number, failures with stable
 * codes.
 */
@NullMarked
package io.tidegate.bus;

import org.jspecify.annotations.NullMarked;
