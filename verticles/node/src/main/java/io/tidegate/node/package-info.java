/**
 * The process: the command line, the development stack around a node, and the wiring of every
 * context.
 */
@NullMarked
package io.tidegate.node;

import org.jspecify.annotations.NullMarked;
