package dev.holdfast.agent.sandbox.microvm.vmm;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The stream to a guest agent. One thread may read while another writes. Closing it is final, may
 * be done by any thread, and ends whoever reads or writes.
 */
public interface GuestLine extends Closeable {
  InputStream input();

  OutputStream output();
}
