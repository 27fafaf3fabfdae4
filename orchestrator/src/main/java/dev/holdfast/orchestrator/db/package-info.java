/** The one database: a writer that groups commits, readers, migrations, ids. */
@NullMarked
package dev.holdfast.orchestrator.db;

import org.jspecify.annotations.NullMarked;
