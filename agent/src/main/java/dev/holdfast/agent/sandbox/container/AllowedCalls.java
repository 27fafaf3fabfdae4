package dev.holdfast.agent.sandbox.container;

import dev.holdfast.agent.sandbox.seccomp.Denied;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The system calls of Linux that programs of a build make, on 64-bit x86 and ARM, whatever their
 * arguments. A name that a kernel does not have does no harm.
 */
final class AllowedCalls {
  private static final String FILES =
      """
      access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat
      faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl
      fdatasync fgetxattr file_getattr file_setattr flistxattr flock fremovexattr fsetxattr fstat
      fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr getxattrat
      inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lchown lgetxattr link linkat
      listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat memfd_create mkdir
      mkdirat mknod mknodat newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2
      pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr
      removexattrat rename renameat renameat2 rmdir sendfile setxattr setxattrat splice stat
      statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink
      unlinkat utime utimensat utimes write writev cachestat
      """;

  private static final String WAITING =
      """
      epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2
      io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit pause poll ppoll pselect6
      select signalfd signalfd4 timerfd_create timerfd_gettime timerfd_settime
      """;

  private static final String MEMORY =
      """
      brk get_mempolicy madvise map_shadow_stack membarrier mincore mlock mlock2 mlockall mmap
      mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
      process_madvise process_mrelease remap_file_pages
      """;

  /** Tracing stays inside a pid namespace; debuggers and leak checkers are part of builds. */
  private static final String PROCESSES =
      """
      arch_prctl execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv
      futex_wake get_robust_list getcpu getpgid getpgrp getpid getppid getpriority getrandom
      getrlimit getrusage getsid gettid ioprio_get ioprio_set kill landlock_add_rule
      landlock_create_ruleset landlock_restrict_self pidfd_open pidfd_send_signal prctl prlimit64
      process_vm_readv process_vm_writev ptrace restart_syscall rseq rt_sigaction rt_sigpending
      rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
      sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
      sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr
      sched_setparam sched_setscheduler sched_yield seccomp set_robust_list set_tid_address
      setpgid setpriority setrlimit setsid sigaltstack sysinfo tgkill times tkill uname vfork
      wait4 waitid
      """;

  /** The engine itself makes some of these after the filter is in place. */
  private static final String USERS =
      """
      capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid
      setgid setgroups setregid setresgid setresuid setreuid setuid
      """;

  private static final String TIME =
      """
      alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer
      time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
      """;

  private static final String TALKING =
      """
      accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr mq_notify
      mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd recvfrom recvmmsg
      recvmsg semctl semget semop semtimedop sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt
      shmget shutdown
      """;

  private AllowedCalls() {}

  /** Their names, sorted; nothing that {@link Denied} names. */
  static List<String> names() {
    Set<String> denied =
        Arrays.stream(Denied.values()).map(Denied::call).collect(Collectors.toUnmodifiableSet());
    return List.of(FILES, WAITING, MEMORY, PROCESSES, USERS, TIME, TALKING).stream()
        .flatMap(group -> Arrays.stream(group.strip().split("\\s+", -1)))
        .filter(name -> !denied.contains(name))
        .sorted()
        .toList();
  }
}
