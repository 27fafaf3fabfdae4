#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

static struct frame frame;

int main(void) {
  if (getpid() != 1) return 2;
  // A runner that went away is an error of write, not the end of this machine.
  signal(SIGPIPE, SIG_IGN);
  umask(022);
  find_disks();
  open_line();
  next_frame(&frame);
  while (frame.kind == KEEP) {
    be_kept();
    next_frame(&frame);
  }
  if (frame.kind != HELLO) die("the host's first word is not HELLO");
  take_hello(&frame);
  for (;;) {
    next_frame(&frame);
    switch (frame.kind) {
      case START: start_job(&frame); break;
      case FILES: take_files(&frame); break;
      case NETWORK: take_network(&frame); break;
      case TIME: take_time(&frame); break;
      case CHANNEL: to_channel(&frame); break;
      case CHANNEL_END: end_channel(); break;
      case OFF: switch_off();
      default: die("the host sent a frame of kind %u", frame.kind);
    }
  }
}
