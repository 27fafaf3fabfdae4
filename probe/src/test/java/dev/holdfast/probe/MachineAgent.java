package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.egress.rule.Scope.JobScope;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.microvm.MicrovmBackend;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.probe.lab.LabAddresses;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The part of an agent that gives machines their network, in a lab's host. Told a workflow's name
 * and a script, it runs the script in a machine with what that workflow may reach, and answers what
 * it printed, on one line. With {@link #LOOSE} behind the workflow's name, the kernel between
 * machine and filter takes packets of any source.
 */
public final class MachineAgent {
  static final String OPENED = "10.9.9.9";
  static final String LOOSE = "+loose";
  private static final long MIB = 1024 * 1024;
  private static final Limits SMALL = new Limits(384 * MIB, 1000, 256, 32 * MIB, 64 * MIB);

  private final SandboxBackend backend;
  private final Egress egress;
  private final JobDirectories directories;
  private final Optional<Path> brought;
  private int count;

  private MachineAgent(
      SandboxBackend backend, Egress egress, JobDirectories directories, Optional<Path> brought) {
    this.backend = backend;
    this.egress = egress;
    this.directories = directories;
    this.brought = brought;
  }

  /**
   * FOLDER, GUEST AGENT, then what need not be there: a program that each workspace has, and the
   * part of the filter that is missing.
   */
  public static void main(String[] given) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Path data = Path.of(given[0]);
    Path runner = Files.createDirectories(data.resolve("no-runner"));
    Files.writeString(runner.resolve("VERSION"), "none\n");
    if (!Files.exists(data.resolve("microvm"))) {
      new MachineImages(data)
          .build(
              MicrovmSettings.USUAL_IMAGE,
              new MachineImages.Ingredients(
                  Path.of(System.getenv("HOLDFAST_TEST_ROOTFS")),
                  "the demo's Debian",
                  Path.of(System.getenv("HOLDFAST_TEST_KERNEL")),
                  Optional.empty(),
                  Path.of(given[1]),
                  runner,
                  1_767_225_600),
              InstantSource.system().instant());
    }
    var policy =
        new EgressPolicy(
            List.of(
                EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of()),
                EgressPolicy.Part.parse(
                    new Scope(Optional.empty(), Optional.of("repository"), Optional.of("opened")),
                    Optional.of("public"),
                    List.of("open " + OPENED + " any"))),
            List.of());
    var settings =
        new EgressSettings(
            "machines",
            policy,
            EgressSettings.JOBS4,
            List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
            given.length > 3 ? Wall.without(Set.of(Protection.valueOf(given[3]))) : Wall.whole(),
            true);
    try (var backend =
            new MicrovmBackend(
                data,
                new MicrovmSettings(MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ONLY),
                InstantSource.system());
        Egress egress = Egress.start(settings)) {
      var agent =
          new MachineAgent(
              backend,
              egress,
              new JobDirectories(data),
              given.length > 2 ? Optional.of(Path.of(given[2])) : Optional.empty());
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        int space = line.indexOf(' ');
        answers.println(agent.run(line.substring(0, space), line.substring(space + 1)));
      }
    }
  }

  private String run(String asked, String script) throws Exception {
    boolean loose = asked.endsWith(LOOSE);
    String workflow = loose ? asked.substring(0, asked.length() - LOOSE.length()) : asked;
    Path directory = directories.create("att_" + ++count);
    // It waits for the network as a runner waits for its job: by its files, which come after.
    String waits = "until grep -q nameserver /etc/resolv.conf; do sleep 0.2; done; " + script;
    var spec =
        new SandboxSpec(
            "att_" + count,
            directory,
            directory,
            Optional.empty(),
            SMALL,
            Optional.of(egress.resolver().toString()),
            List.of("/bin/bash", "-c", waits),
            Map.of("PATH", "/usr/bin:/bin"));
    if (brought.isPresent()) {
      Files.copy(
          brought.get(),
          Files.createDirectories(spec.workspace()).resolve("brought"),
          StandardCopyOption.COPY_ATTRIBUTES,
          StandardCopyOption.REPLACE_EXISTING);
    }
    try (Sandbox sandbox = backend.create(spec)) {
      sandbox.handOver();
      sandbox.start();
      EgressSession session =
          egress.open(
              spec.attempt(),
              sandbox.process(),
              egress.rulesFor(new JobScope("pool", "repository", workflow)));
      try {
        if (loose) {
          loosen(sandbox.process());
        }
        sandbox.networkIsOpen();
        sandbox.exited().get(150, TimeUnit.SECONDS);
        return sandbox.diagnostics().replace('\n', '\t')
            + "\tas "
            + session.address4().orElseThrow();
      } finally {
        sandbox.kill();
        session.close();
      }
    } finally {
      directories.remove(directory);
    }
  }

  /** In the namespace of the machine, whose kernel otherwise drops what is not the job's. */
  private static void loosen(long monitor) throws Exception {
    Process shell =
        new ProcessBuilder(
                "nsenter",
                "--net=/proc/" + monitor + "/ns/net",
                "sh",
                "-c",
                "for c in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$c; done")
            .inheritIO()
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (shell.waitFor() != 0) {
      throw new IllegalStateException("rp_filter cannot be switched off");
    }
  }
}
