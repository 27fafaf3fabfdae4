package dev.holdfast.probe.lab;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of the lab that is spoken to by lines: one asked, one answered. */
public final class LabProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final BufferedWriter in;

  private LabProcess(Process process) {
    this.process = process;
    out = process.inputReader();
    in = process.outputWriter();
  }

  static LabProcess start(List<String> line) throws IOException {
    return new LabProcess(
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** A command line that runs {@code main} with the Java and the classes that we run with. */
  static List<String> java(Class<?> main, List<String> arguments) {
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    line.addAll(arguments);
    return line;
  }

  /** Says {@code line} and waits for the answer, which is a line too. */
  public synchronized String ask(String line) {
    try {
      in.write(line);
      in.newLine();
      in.flush();
      String answer = out.readLine();
      if (answer == null) {
        throw new LabFailed("a process of the lab ended when told: " + line);
      }
      return answer;
    } catch (IOException e) {
      throw new LabFailed("a process of the lab ended when told: " + line, e);
    }
  }

  public long pid() {
    return process.pid();
  }

  /** At once and without its leave, as a crash would. */
  public void kill() {
    process.destroyForcibly();
    await();
  }

  /** It ends when it has nothing more to read. */
  @Override
  public void close() {
    try {
      in.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (IOException e) {
      // It is gone already, or will be.
      kill();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  private void await() {
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
