// The job: a user without rights in namespaces of its own, its output, its channel, its end.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define SOCKET_PATH "/run/holdfast/channel.sock"
#define MOST_WORDS 512

static pid_t job;
static int output = -1;
static int listener = -1;
static int channel = -1;
static pthread_mutex_t channel_lock = PTHREAD_MUTEX_INITIALIZER;

// How many processes the kernel has ended because memory ran out; said before what comes of it.
static void tell_memory(void) {
  static unsigned long long told;
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static char text[16384];
  pthread_mutex_lock(&lock);
  int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *found = strstr(text, "\noom_kill ");
  unsigned long long count = found ? strtoull(found + 10, NULL, 10) : 0;
  if (count > told) {
    told = count;
    send_frame(OUT_OF_MEMORY, "", 0);
  }
  pthread_mutex_unlock(&lock);
}

static void *carry_channel(void *unused) {
  static char buffer[32768];
  (void)unused;
  int fd;
  do {
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0) die("cannot accept the runner: %s", strerror(errno));
  // One and no other.
  close(listener);
  unlink(SOCKET_PATH);
  pthread_mutex_lock(&channel_lock);
  channel = fd;
  pthread_mutex_unlock(&channel_lock);
  send_frame(CHANNEL_OPEN, "", 0);
  for (;;) {
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    tell_memory();
    if (n <= 0) break;
    send_frame(CHANNEL_SAID, buffer, (uint32_t)n);
  }
  send_frame(CHANNEL_ENDED, "", 0);
  return NULL;
}

static void *carry_output(void *unused) {
  static char buffer[4096];
  (void)unused;
  for (;;) {
    ssize_t n = read(output, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    send_frame(DIAGNOSTICS, buffer, (uint32_t)n);
  }
  int status;
  while (waitpid(job, &status, 0) < 0) {
    if (errno != EINTR) die("cannot wait for the job: %s", strerror(errno));
  }
  tell_memory();
  char text[20];
  snprintf(text, sizeof text, "%d",
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  send_text(EXITED, text);
  return NULL;
}

void to_channel(const struct frame *frame) {
  pthread_mutex_lock(&channel_lock);
  int fd = channel;
  pthread_mutex_unlock(&channel_lock);
  // A runner that is gone, or never came: whoever reads its channel on the host hears of that.
  if (fd >= 0) (void)!write_all(fd, frame->payload, frame->length);
}

void end_channel(void) {
  pthread_mutex_lock(&channel_lock);
  if (channel >= 0) shutdown(channel, SHUT_RDWR);
  pthread_mutex_unlock(&channel_lock);
}

static void listen_for_runner(void) {
  struct sockaddr_un here = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) < 0 ||
      chown(SOCKET_PATH, JOB_USER, JOB_USER) < 0 || chmod(SOCKET_PATH, 0600) < 0 ||
      listen(listener, 1) < 0) {
    die("cannot listen for the runner: %s", strerror(errno));
  }
}

static _Noreturn void child_failed(const char *what) {
  dprintf(2, "holdfast guest: cannot %s: %s\n", what, strerror(errno));
  _exit(126);
}

static void limit(int resource, unsigned long most, const char *what) {
  struct rlimit both = {.rlim_cur = most, .rlim_max = most};
  if (setrlimit((__rlimit_resource_t)resource, &both) < 0) child_failed(what);
}

static _Noreturn void become_job(char *const *argv, char *const *env, unsigned long processes,
                                 unsigned long files) {
  if (setsid() < 0) child_failed("begin a session");
  limit(RLIMIT_CORE, 0, "forbid core files");
  limit(RLIMIT_NOFILE, files, "limit open files");
  limit(RLIMIT_NPROC, processes, "limit processes");
  for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
    if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) child_failed("drop a capability");
  }
  if (setgroups(0, NULL) < 0 || setresgid(JOB_USER, JOB_USER, JOB_USER) < 0 ||
      setresuid(JOB_USER, JOB_USER, JOB_USER) < 0) {
    child_failed("become the job's user");
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) child_failed("forbid new rights");
  // Ignored here, which the job would inherit.
  if (signal(SIGPIPE, SIG_DFL) == SIG_ERR) child_failed("restore a signal");
  umask(022);
  execve(argv[0], argv, env);
  dprintf(2, "cannot start %s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

static void need(int result, const char *what) {
  if (result < 0) child_failed(what);
}

// What a build wants of /dev, and none of the machine's own.
static void own_devices(void) {
  static const struct {
    const char *path;
    unsigned major, minor;
  } devices[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
                 {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};
  static const struct {
    const char *target, *path;
  } links[] = {{"pts/ptmx", "/dev/ptmx"},
               {"/proc/self/fd", "/dev/fd"},
               {"/proc/self/fd/0", "/dev/stdin"},
               {"/proc/self/fd/1", "/dev/stdout"},
               {"/proc/self/fd/2", "/dev/stderr"}};
  umask(0);
  need(mount("dev", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k"), "mount /dev");
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
    need(mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)),
         devices[i].path);
  }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    need(symlink(links[i].target, links[i].path), links[i].path);
  }
  need(mkdir("/dev/pts", 0755), "make /dev/pts");
  need(mkdir("/dev/shm", 0755), "make /dev/shm");
  need(mount("pts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,mode=620,ptmxmode=666"),
       "mount /dev/pts");
  need(mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), "mount /dev/shm");
  need(mount(NULL, "/dev", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL),
       "close /dev");
  umask(022);
}

// Process 1 of the job's own processes: its end is the end of them all.
static _Noreturn void be_first(char *const *argv, char *const *env, unsigned long processes,
                               unsigned long files) {
  int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0) child_failed("open /dev/null");
  if (syscall(SYS_close_range, 3, ~0U, 0) < 0) child_failed("close what is open");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "") < 0) {
    child_failed("mount /proc");
  }
  if (mount(BOOT_ID, "/proc/sys/kernel/random/boot_id", NULL, MS_BIND, NULL) < 0 ||
      mount(NULL, "/proc/sys/kernel/random/boot_id", NULL,
            MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
    child_failed("give this machine's boot its id");
  }
  if (mount("none", "/sys", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") < 0) {
    child_failed("cover /sys");
  }
  own_devices();
  pid_t runner = fork();
  if (runner < 0) child_failed("fork");
  if (runner == 0) become_job(argv, env, processes, files);
  for (;;) {
    int status;
    pid_t ended = wait(&status);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) child_failed("wait");
    if (ended == runner) {
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
  }
}

// Strings, each with a zero behind it: processes, files, count of arguments, those, environment.
static int split(const struct frame *frame, char **words) {
  int count = 0;
  const char *at = frame->payload, *end = frame->payload + frame->length;
  if (frame->length == 0 || end[-1] != 0) die("the host's START is not whole");
  for (; at < end; at += strlen(at) + 1) {
    if (count == MOST_WORDS) die("the host's START has more than %d words", MOST_WORDS);
    words[count] = strdup(at);
    if (!words[count++]) die("no memory");
  }
  return count;
}

void start_job(const struct frame *frame) {
  static char *words[MOST_WORDS + 1], *argv[MOST_WORDS + 1];
  if (job) die("the host said START twice");
  int count = split(frame, words);
  if (count < 4) die("the host's START is too short");
  unsigned long processes = strtoul(words[0], NULL, 10), files = strtoul(words[1], NULL, 10);
  int arguments = atoi(words[2]);
  if (arguments < 1 || arguments > count - 3) die("the host's START has no command");
  memcpy(argv, words + 3, (size_t)arguments * sizeof *argv);
  line_is_in_use();
  listen_for_runner();
  int out[2];
  if (pipe2(out, O_CLOEXEC) < 0) die("no pipe: %s", strerror(errno));
  job = (pid_t)syscall(SYS_clone,
                       CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWCGROUP | SIGCHLD, NULL,
                       NULL, NULL, NULL);
  if (job < 0) die("cannot make the job's namespaces: %s", strerror(errno));
  if (job == 0) {
    if (dup2(out[1], 1) < 0 || dup2(out[1], 2) < 0) _exit(126);
    be_first(argv, words + 3 + arguments, processes, files);
  }
  close(out[1]);
  output = out[0];
  pthread_t thread;
  if (pthread_create(&thread, NULL, carry_channel, NULL) != 0 ||
      pthread_create(&thread, NULL, carry_output, NULL) != 0) {
    die("cannot start a thread");
  }
}
