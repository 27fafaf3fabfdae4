// The guest agent: the first and only privileged program of a Holdfast virtual machine.
//
// It is the initramfs's /init and stays process 1. In this order: init.c makes a root file system of
// the read-only base and this machine's own upper; line.c finds the one stream to the host; identity.c
// takes entropy, time and names from it; job.c starts what the host says as a user without rights, in
// namespaces of its own, and carries its channel. files.c unpacks the workspace, as that user.
//
// The host is believed: it could read this machine's memory anyhow. What runs as the job is not.
// Nothing of a job is started before the host's HELLO was taken.
#ifndef HOLDFAST_GUEST_H
#define HOLDFAST_GUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROTOCOL 1
#define MOST_PAYLOAD 65536
#define VSOCK_PORT 5000
#define PORT_NAME "holdfast"

// What the host sends is below 64.
enum kind {
  HELLO = 1,
  START = 2,
  FILES = 3,
  NETWORK = 4,
  CHANNEL = 5,
  CHANNEL_END = 6,
  OFF = 7,
  READY = 64,
  DONE = 65,
  CHANNEL_OPEN = 66,
  CHANNEL_SAID = 67,
  CHANNEL_ENDED = 68,
  DIAGNOSTICS = 69,
  OUT_OF_MEMORY = 70,
  EXITED = 71,
  FAILED = 72,
};

struct frame {
  uint8_t kind;
  uint32_t length;
  char payload[MOST_PAYLOAD + 1];  // and a zero, so that text can be read as such
};

// say.c: each ends in the machine's console, which the host keeps the end of.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Says it, tells the host if there is a line, and switches the machine off.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void switch_off(void);
int write_all(int fd, const void *bytes, size_t length);
int read_all(int fd, void *bytes, size_t length);
int write_file(const char *path, const char *text);

// init.c
void make_root(void);

// line.c
void open_line(void);
// The host's next frame; switches the machine off where the host is gone.
void next_frame(struct frame *frame);
void send_frame(uint8_t kind, const void *payload, uint32_t length);
void send_text(uint8_t kind, const char *text);
int line_is_open(void);

// identity.c
void take_hello(const struct frame *frame);
void take_network(const struct frame *frame);

// files.c
void take_files(const struct frame *frame);

// job.c
#define JOB_USER 1000
void start_job(const struct frame *frame);
void to_channel(const struct frame *frame);
void end_channel(void);

#endif
