/** Where tenants' orchestrators call. */
@NullMarked
package dev.holdfast.relay.tenant;

import org.jspecify.annotations.NullMarked;
