// The guest agent: the first and only privileged program of a Holdfast virtual machine.
//
// It is the initramfs's /init and stays process 1. In this order: init.c finds the disks and mounts the
// read-only base; line.c finds the one stream to the host; identity.c takes entropy, time and names from
// it; init.c makes a root file system of the base and this machine's own upper; job.c starts what the
// host says as a user without rights, in namespaces of its own, and carries its channel. files.c unpacks
// the workspace, as that user.
//
// Before HELLO the host may say KEEP: it then stops this machine, keeps its memory, and starts others
// from that. So whatever must differ between machines is taken by HELLO and later, and nothing of this
// machine's own disk is touched before: what a kept machine knows of its disk, that it is there and how
// large it is, is so for all of them.
//
// The host is believed: it could read this machine's memory anyhow. What runs as the job is not.
// Nothing of a job is started before the host's HELLO was taken.
#ifndef HOLDFAST_GUEST_H
#define HOLDFAST_GUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROTOCOL 2
#define MOST_PAYLOAD 65536
#define VSOCK_PORT 5000
#define PORT_NAME "holdfast"

// Set by tests alone, which show by it that clones are alike where HELLO changes nothing.
#ifndef ALIKE
#define ALIKE 0
#endif

// What the host sends is below 64.
enum kind {
  HELLO = 1,
  START = 2,
  FILES = 3,
  NETWORK = 4,
  CHANNEL = 5,
  CHANNEL_END = 6,
  OFF = 7,
  KEEP = 8,
  TIME = 9,
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
void find_disks(void);
void make_root(void);

// line.c
void open_line(void);
// The host's next frame; switches the machine off where the host is gone.
void next_frame(struct frame *frame);
void send_frame(uint8_t kind, const void *payload, uint32_t length);
void send_text(uint8_t kind, const char *text);
int line_is_open(void);
// The host stops this machine, and whoever calls next starts it again, here and elsewhere.
void be_kept(void);
// From now on the job's own doing wakes whoever waits for the host.
void line_is_in_use(void);

// identity.c
void take_hello(const struct frame *frame);
void take_network(const struct frame *frame);
// For tests, see ALIKE.
void read_boot_id(char *into);
// The same: 32 hexadecimal digits.
void draw(char *into);
void take_time(const struct frame *frame);
#define BOOT_ID "/run/holdfast/boot_id"

// files.c
void take_files(const struct frame *frame);

// job.c
#define JOB_USER 1000
void start_job(const struct frame *frame);
void to_channel(const struct frame *frame);
void end_channel(void);

#endif
