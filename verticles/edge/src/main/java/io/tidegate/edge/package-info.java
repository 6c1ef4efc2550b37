/** The front door: HTTP and gRPC on one port, the request pipeline, problem documents. */
@NullMarked
package io.tidegate.edge;

import org.jspecify.annotations.NullMarked;
