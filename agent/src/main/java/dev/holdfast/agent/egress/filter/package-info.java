/** The one nftables table that Holdfast owns on a host. */
@NullMarked
package dev.holdfast.agent.egress.filter;

import org.jspecify.annotations.NullMarked;
