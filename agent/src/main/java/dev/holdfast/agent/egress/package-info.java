/** What a job may reach over the network, and what it did reach. */
@NullMarked
package dev.holdfast.agent.egress;

import org.jspecify.annotations.NullMarked;
