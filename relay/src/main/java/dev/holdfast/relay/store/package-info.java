/**
 * What the relay keeps, in SQLite or PostgreSQL, by one set of SQL. No type here has a place for
 * anything that was posted but {@link dev.holdfast.relay.seal.Sealed}.
 */
@NullMarked
package dev.holdfast.relay.store;

import org.jspecify.annotations.NullMarked;
