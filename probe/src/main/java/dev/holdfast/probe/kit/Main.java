package dev.holdfast.probe.kit;

import java.util.List;

/** One attack's program. The name is the first argument; each says on a line how it ended. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    List<String> rest = List.of(args).subList(1, args.length);
    switch (args[0]) {
      case "keyctl" -> Calls.keyctl();
      case "add-key" -> Calls.addKey();
      case "bpf" -> Calls.bpf();
      case "perf" -> Calls.perf();
      case "userfaultfd" -> Calls.userfaultfd();
      case "io-uring" -> Calls.ioUring();
      case "clone-user" -> Calls.cloneUser();
      case "clone3-user" -> Calls.clone3User();
      case "mount" -> Calls.mount();
      case "fsopen" -> Calls.fsopen();
      case "cgroup" -> Calls.cgroup();
      case "chroot" -> Calls.chroot();
      case "hostname" -> Calls.hostname();
      case "mknod" -> Calls.mknod();
      case "handle" -> Calls.handle();
      case "syslog" -> Calls.syslog();
      case "new-privileges" -> Calls.newPrivileges();
      case "read-only" -> Calls.readOnly(rest.getFirst());
      case "ptrace" -> Calls.ptrace(Integer.parseInt(rest.getFirst()));
      case "vm-read" -> Calls.vmRead(Integer.parseInt(rest.getFirst()));
      case "tiocsti" -> Terminals.push();
      case "terminal" -> Terminals.controlling();
      case "socket" -> Sockets.family(rest.getFirst());
      case "abstract" -> Sockets.abstractSocket(rest.getFirst());
      case "path-socket" -> Sockets.pathSocket(rest.getFirst());
      case "raw" -> Sockets.raw();
      case "shm" -> Ipc.segment(Integer.parseInt(rest.getFirst()));
      case "make-shm" -> Ipc.make(Integer.parseInt(rest.getFirst()));
      case "mq" -> Ipc.queue(rest.getFirst());
      case "make-mq" -> Ipc.makeQueue(rest.getFirst());
      case "memory" -> Appetite.memory(Long.parseLong(rest.getFirst()));
      case "threads" -> Appetite.threads(Integer.parseInt(rest.getFirst()));
      case "cpu" -> Appetite.cpu(Integer.parseInt(rest.getFirst()));
      case "files" -> Appetite.files(Integer.parseInt(rest.getFirst()));
      case "small-files" -> Appetite.smallFiles(Integer.parseInt(rest.getFirst()));
      case "tcp" -> Net.tcp(rest);
      case "mapped" -> Net.mapped(rest);
      case "udp" -> Net.udp(rest);
      case "ping" -> Net.ping(rest);
      case "dns" -> Net.dns(rest);
      case "spoof" -> Spoof.send(rest);
      case "runner" -> HostileRunner.speak(rest.getFirst(), rest.get(1));
      default -> throw new IllegalArgumentException("no program " + args[0]);
    }
  }
}
