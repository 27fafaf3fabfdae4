// The workspace's files, unpacked as the job's user: what they are can do no more than the job can.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define MOST_PATH 4096

static int to_unpacker = -1;
static int complaints = -1;
static pid_t unpacker;

static _Noreturn void unpack_failed(const char *what, const char *path) {
  dprintf(2, "%s %.300s: %s", what, path, strerror(errno));
  _exit(1);
}

static void take(void *bytes, size_t length) {
  if (read_all(0, bytes, length) < 0) {
    errno = EIO;
    unpack_failed("the files end early", "");
  }
}

static uint64_t number(int bytes) {
  uint8_t read[8];
  uint64_t value = 0;
  take(read, (size_t)bytes);
  for (int i = 0; i < bytes; i++) value = value << 8 | read[i];
  return value;
}

static void text(char *into, size_t most) {
  uint64_t length = number(4);
  if (length == 0 || length >= most) {
    errno = ENAMETOOLONG;
    unpack_failed("a name", "");
  }
  take(into, (size_t)length);
  into[length] = 0;
  if (strlen(into) != length) {
    errno = EINVAL;
    unpack_failed("a name with a zero in it", into);
  }
}

// The directory that the last name of `path` is in, without following any link; that name in `last`.
static int parent_of(char *path, const char **last) {
  int at = open("/workspace", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (at < 0) unpack_failed("cannot open", "/workspace");
  char *name = path;
  for (char *slash; (slash = strchr(name, '/')); name = slash + 1) {
    *slash = 0;
    if (!*name || strcmp(name, "..") == 0 || strcmp(name, ".") == 0) {
      errno = EINVAL;
      unpack_failed("a path outside of the workspace", path);
    }
    int next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) unpack_failed("cannot open", name);
    close(at);
    at = next;
  }
  if (!*name || strcmp(name, "..") == 0 || strcmp(name, ".") == 0) {
    errno = EINVAL;
    unpack_failed("a path outside of the workspace", path);
  }
  *last = name;
  return at;
}

static void unpack_file(int parent, const char *name, mode_t mode) {
  static char buffer[65536];
  int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd < 0) unpack_failed("cannot write", name);
  for (uint64_t left = number(8); left > 0;) {
    size_t part = left < sizeof buffer ? (size_t)left : sizeof buffer;
    take(buffer, part);
    if (write_all(fd, buffer, part) < 0) unpack_failed("cannot write", name);
    left -= part;
  }
  if (fchmod(fd, mode) < 0 || close(fd) < 0) unpack_failed("cannot write", name);
}

static _Noreturn void unpack(void) {
  static char path[MOST_PATH], target[MOST_PATH];
  umask(0);
  for (;;) {
    uint8_t type = (uint8_t)number(1);
    if (type == 'e') _exit(0);
    mode_t mode = (mode_t)number(2) & 0777;
    text(path, sizeof path);
    const char *name;
    int parent = parent_of(path, &name);
    switch (type) {
      case 'd':
        if (mkdirat(parent, name, mode | 0700) < 0) unpack_failed("cannot make", name);
        break;
      case 'l':
        text(target, sizeof target);
        if (symlinkat(target, parent, name) < 0) unpack_failed("cannot link", name);
        break;
      case 'f':
        unpack_file(parent, name, mode);
        break;
      default:
        errno = EINVAL;
        unpack_failed("an entry of no kind", name);
    }
    close(parent);
  }
}

static void begin(void) {
  int in[2], err[2];
  if (chown("/workspace", JOB_USER, JOB_USER) < 0 || chmod("/workspace", 0755) < 0) {
    die("cannot give the workspace to the job: %s", strerror(errno));
  }
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) die("no pipe: %s", strerror(errno));
  unpacker = fork();
  if (unpacker < 0) die("cannot fork: %s", strerror(errno));
  if (unpacker == 0) {
    if (dup2(in[0], 0) < 0 || dup2(err[1], 2) < 0 || close(in[1]) < 0 ||
        setgroups(0, NULL) < 0 || setresgid(JOB_USER, JOB_USER, JOB_USER) < 0 ||
        setresuid(JOB_USER, JOB_USER, JOB_USER) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
      _exit(2);
    }
    unpack();
  }
  close(in[0]);
  close(err[1]);
  to_unpacker = in[1];
  complaints = err[0];
}

void take_files(const struct frame *frame) {
  static int broken;
  if (unpacker == 0) begin();
  if (frame->length > 0) {
    // Once it has failed the rest is passed over, and said at the end.
    if (!broken && write_all(to_unpacker, frame->payload, frame->length) < 0) broken = 1;
    return;
  }
  char said[500];
  int status = 0;
  close(to_unpacker);
  ssize_t n = read(complaints, said, sizeof said - 1);
  said[n > 0 ? n : 0] = 0;
  close(complaints);
  while (waitpid(unpacker, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || broken) {
    die("the workspace cannot be unpacked: %s", said);
  }
  send_text(DONE, "files");
}
