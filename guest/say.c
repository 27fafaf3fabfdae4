#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "guest.h"

static void line_of(char *into, size_t size, const char *format, va_list arguments) {
  int length = vsnprintf(into, size, format, arguments);
  if (length < 0) into[0] = 0;
}

static void to_console(const char *text) {
  char line[700];
  int length = snprintf(line, sizeof line, "holdfast guest: %s\n", text);
  if (length <= 0) return;
  size_t size = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
  int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
  // Without a console there is nobody to tell.
  if (fd < 0) return;
  (void)!write(fd, line, size);
  close(fd);
}

void say(const char *format, ...) {
  char text[600];
  va_list arguments;
  va_start(arguments, format);
  line_of(text, sizeof text, format, arguments);
  va_end(arguments);
  to_console(text);
}

void die(const char *format, ...) {
  char text[600];
  va_list arguments;
  va_start(arguments, format);
  line_of(text, sizeof text, format, arguments);
  va_end(arguments);
  to_console(text);
  if (line_is_open()) {
    send_text(FAILED, text);
    // The host ends the machine when it has read that; if it does not, the machine ends itself.
    sleep(2);
  }
  switch_off();
}

void switch_off(void) {
  // No sync: nothing of this machine is ever read again. To every monitor here a restart is the end;
  // to be switched off is not to Firecracker.
  reboot(RB_AUTOBOOT);
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

int write_all(int fd, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = write(fd, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n;
    length -= (size_t)n;
  }
  return 0;
}

int read_all(int fd, void *bytes, size_t length) {
  char *at = bytes;
  while (length > 0) {
    ssize_t n = read(fd, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n;
    length -= (size_t)n;
  }
  return 0;
}

int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return -1;
  int result = write_all(fd, text, strlen(text));
  close(fd);
  return result;
}
