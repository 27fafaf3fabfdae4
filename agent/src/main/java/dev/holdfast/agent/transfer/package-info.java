/**
 * Files that outlive a job, between its sandbox and where they are kept. Here they are bytes: they
 * are counted, hashed and looked through, and never unpacked on the host.
 */
@NullMarked
package dev.holdfast.agent.transfer;

import org.jspecify.annotations.NullMarked;
