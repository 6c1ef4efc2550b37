/** How nodes find each other: membership from Hazelcast, the clustered event bus on top of it. */
@NullMarked
package io.tidegate.cluster;

import org.jspecify.annotations.NullMarked;
