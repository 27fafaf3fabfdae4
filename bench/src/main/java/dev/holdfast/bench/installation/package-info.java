/** A Holdfast of one measurement's own: server, agent, repository. */
@NullMarked
package dev.holdfast.bench.installation;

import org.jspecify.annotations.NullMarked;
