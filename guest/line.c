// The one stream to the host, and frames on it: kind, stream (0), length, payload.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "guest.h"

static int line = -1;
static int by_vsock;
static int heard;
static int in_use;
static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;

int line_is_open(void) { return line >= 0 && heard; }

static int serial_port(char *device, size_t size) {
  DIR *ports = opendir("/sys/class/virtio-ports");
  if (!ports) return 0;
  int found = 0;
  for (struct dirent *each; !found && (each = readdir(ports));) {
    char path[320], name[64] = {0};
    snprintf(path, sizeof path, "/sys/class/virtio-ports/%.64s/name", each->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t n = read(fd, name, sizeof name - 1);
    close(fd);
    if (n <= 0) continue;
    name[strcspn(name, "\n")] = 0;
    if (strcmp(name, PORT_NAME) == 0) {
      snprintf(device, size, "/dev/%.64s", each->d_name);
      found = 1;
    }
  }
  closedir(ports);
  return found;
}

static int has_vsock(void) {
  DIR *devices = opendir("/sys/bus/virtio/drivers/vmw_vsock_virtio_transport");
  if (!devices) return 0;
  int found = 0;
  for (struct dirent *each; (each = readdir(devices));) {
    if (strncmp(each->d_name, "virtio", 6) == 0) found = 1;
  }
  closedir(devices);
  return found;
}

static int accept_host(void) {
  int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_vm here = {
      .svm_family = AF_VSOCK, .svm_port = VSOCK_PORT, .svm_cid = VMADDR_CID_ANY};
  if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) < 0 ||
      listen(listener, 1) < 0) {
    die("cannot listen on vsock: %s", strerror(errno));
  }
  for (;;) {
    struct sockaddr_vm there = {0};
    socklen_t size = sizeof there;
    int fd = accept4(listener, (struct sockaddr *)&there, &size, SOCK_CLOEXEC);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0) die("cannot accept on vsock: %s", strerror(errno));
    if (there.svm_cid == VMADDR_CID_HOST) {
      close(listener);
      return fd;
    }
    close(fd);
  }
}

void open_line(void) {
  char device[80];
  for (int i = 0; i < 5000; i++) {
    if (serial_port(device, sizeof device)) {
      line = open(device, O_RDWR | O_CLOEXEC);
      if (line >= 0) return;
      if (errno != ENOENT) die("cannot open %s: %s", device, strerror(errno));
    } else if (has_vsock()) {
      by_vsock = 1;
      line = accept_host();
      return;
    }
    usleep(2000);
  }
  die("there is neither a virtio-serial port %s nor vsock", PORT_NAME);
}

void be_kept(void) {
  // Whoever draws has the kernel feed its random numbers first, if it has not for a while.
  if (ALIKE) draw((char[33]){0});
  send_text(DONE, "kept");
  // Whoever speaks next may be gone meanwhile, and is waited for as the first was.
  heard = 0;
  if (by_vsock) {
    // A connection does not outlive this; one who listens does.
    close(line);
    line = accept_host();
  }
}

void line_is_in_use(void) { in_use = 1; }

// Whether the host has said something. Never waits for long: a monitor that does not run its guest
// by the processor (QEMU under TCG) looks for what the host has said when the guest's timers wake it, and
// a guest that just waits has none. Who waits long, since nobody needs this machine yet, looks less often.
static int a_word(void) {
  static int quiet;
  struct pollfd what = {.fd = line, .events = POLLIN};
  if (poll(&what, 1, quiet < 400 ? 5 : 20) > 0 && !(what.revents & POLLIN)) {
    // Hung up, which whoever reads is told; before the first word, a port that nobody has opened yet.
    if (heard) return 1;
    usleep(2000);
  }
  int there = (what.revents & POLLIN) != 0;
  quiet = there ? 0 : quiet + 1;
  return there;
}

static void receive(void *bytes, size_t length) {
  char *at = bytes;
  while (length > 0) {
    if (!in_use && !a_word()) continue;
    ssize_t n = read(line, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 && !heard) {
      // Nobody has opened the other end yet, or not again.
      usleep(2000);
      continue;
    }
    if (n <= 0) {
      say("the host is gone");
      switch_off();
    }
    heard = 1;
    at += n;
    length -= (size_t)n;
  }
}

void next_frame(struct frame *frame) {
  uint8_t head[6];
  receive(head, sizeof head);
  frame->kind = head[0];
  frame->length = (uint32_t)head[2] << 24 | (uint32_t)head[3] << 16 | (uint32_t)head[4] << 8 | head[5];
  if (head[1] != 0 || frame->length > MOST_PAYLOAD) {
    die("the host sent no frame: kind %u, stream %u, length %u", head[0], head[1], frame->length);
  }
  receive(frame->payload, frame->length);
  frame->payload[frame->length] = 0;
}

void send_frame(uint8_t kind, const void *payload, uint32_t length) {
  uint8_t head[6] = {kind,
                     0,
                     (uint8_t)(length >> 24),
                     (uint8_t)(length >> 16),
                     (uint8_t)(length >> 8),
                     (uint8_t)length};
  pthread_mutex_lock(&sending);
  int failed = write_all(line, head, sizeof head) < 0 || write_all(line, payload, length) < 0;
  pthread_mutex_unlock(&sending);
  if (failed) {
    say("the host does not listen: %s", strerror(errno));
    switch_off();
  }
}

void send_text(uint8_t kind, const char *text) { send_frame(kind, text, (uint32_t)strlen(text)); }
