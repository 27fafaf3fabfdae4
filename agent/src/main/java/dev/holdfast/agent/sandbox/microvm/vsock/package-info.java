/** How a host calls its guest: the streams of vsock, as monitors put them onto Unix sockets. */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.vsock;

import org.jspecify.annotations.NullMarked;
