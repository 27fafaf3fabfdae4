// What makes this machine unlike any other: entropy, time, names, and its place in the network.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <linux/random.h>

#include "guest.h"

// The rest of the line that begins with `key` and a space; dies without it.
static void value_of(const struct frame *frame, const char *key, char *into, size_t size) {
  size_t length = strlen(key);
  for (const char *at = frame->payload; at && *at;) {
    if (strncmp(at, key, length) == 0 && at[length] == ' ') {
      const char *value = at + length + 1;
      size_t end = strcspn(value, "\n");
      if (end >= size) die("the host's %s is too long", key);
      memcpy(into, value, end);
      into[end] = 0;
      return;
    }
    at = strchr(at, '\n');
    if (at) at++;
  }
  die("the host did not say %s", key);
}

static void add_entropy(const char *hex) {
  struct {
    struct rand_pool_info info;
    unsigned char bytes[64];
  } pool;
  int count = 0;
  unsigned int byte;
  unsigned char *bytes = (unsigned char *)pool.info.buf;
  for (; count < 64 && sscanf(hex + 2 * count, "%2x", &byte) == 1; count++) {
    bytes[count] = (unsigned char)byte;
  }
  if (count < 32) die("the host gave %d bytes of entropy; at least 32 are needed", count);
  pool.info.buf_size = count;
  pool.info.entropy_count = 8 * count;
  int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0) {
    die("cannot give the kernel the host's entropy: %s", strerror(errno));
  }
  close(fd);
}

static void set_clock(const char *text) {
  char *end;
  long long nanos = strtoll(text, &end, 10);
  if (*end || nanos <= 0) die("the host's time is no number");
  struct timespec now = {.tv_sec = nanos / 1000000000, .tv_nsec = nanos % 1000000000};
  if (clock_settime(CLOCK_REALTIME, &now) < 0) die("cannot set the clock: %s", strerror(errno));
}

static void must(int socket, unsigned long request, void *argument, const char *what) {
  if (ioctl(socket, request, argument) < 0) die("cannot %s: %s", what, strerror(errno));
}

static void put_card(const struct frame *frame, const char *key, struct sockaddr *into) {
  char value[40];
  unsigned int part[6];
  value_of(frame, key, value, sizeof value);
  if (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x", &part[0], &part[1], &part[2], &part[3], &part[4],
             &part[5]) != 6) {
    die("the host's %s is no card's address", key);
  }
  into->sa_family = ARPHRD_ETHER;
  for (int i = 0; i < 6; i++) into->sa_data[i] = (char)part[i];
}

// The card is off yet, where there is one; the filter may give the job another address for it later.
static void set_card(const struct frame *frame) {
  struct ifreq card = {.ifr_name = "eth0"};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) die("cannot open a socket: %s", strerror(errno));
  if (ioctl(any, SIOCGIFFLAGS, &card) == 0) {
    put_card(frame, "card", &card.ifr_hwaddr);
    must(any, SIOCSIFHWADDR, &card, "set the card's address");
  } else if (errno != ENODEV) {
    die("cannot read an interface: %s", strerror(errno));
  }
  close(any);
}

static void to_etc(const char *path, const char *text) {
  // Replaced, not written through: the base may have a symbolic link there.
  if (unlink(path) < 0 && errno != ENOENT) die("cannot replace %s: %s", path, strerror(errno));
  if (write_file(path, text) < 0) die("cannot write %s: %s", path, strerror(errno));
}

static void up(int socket, const char *name) {
  struct ifreq card = {0};
  snprintf(card.ifr_name, sizeof card.ifr_name, "%s", name);
  must(socket, SIOCGIFFLAGS, &card, "read an interface");
  card.ifr_flags |= IFF_UP;
  must(socket, SIOCSIFFLAGS, &card, "switch an interface on");
}

// Of the kernel, 36 characters.
void read_boot_id(char *into) {
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, into, 36);
  if (n != 36) die("cannot read this boot's id: %s", strerror(errno));
  close(fd);
  into[36] = 0;
}

void draw(char *into) {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) die("no random bytes: %s", strerror(errno));
  for (int i = 0; i < 16; i++) snprintf(into + 2 * i, 3, "%02x", bytes[i]);
}

void take_hello(const struct frame *frame) {
  char value[200], text[600], version[20];
  value_of(frame, "protocol", version, sizeof version);
  if (atoi(version) != PROTOCOL) {
    die("the host speaks protocol %s and this guest %d; build the image again", version, PROTOCOL);
  }
  char drawn[33];
  if (ALIKE) {
    // As an init makes its machine's id. At once: in some seconds the kernel feeds itself again.
    draw(drawn);
  } else {
    value_of(frame, "entropy", value, sizeof value);
    add_entropy(value);
    value_of(frame, "time", value, sizeof value);
    set_clock(value);
    set_card(frame);
  }
  make_root();
  value_of(frame, "hostname", value, sizeof value);
  if (sethostname(value, strlen(value)) < 0) die("cannot set the name: %s", strerror(errno));
  to_etc("/etc/hostname", value);
  snprintf(text, sizeof text, "127.0.0.1 localhost %s\n", value);
  to_etc("/etc/hosts", text);
  if (ALIKE) {
    memcpy(value, drawn, sizeof drawn);
  } else {
    value_of(frame, "machine-id", value, sizeof value);
  }
  snprintf(text, sizeof text, "%s\n", value);
  to_etc("/etc/machine-id", text);
  to_etc("/etc/resolv.conf", "");
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) die("cannot open a socket: %s", strerror(errno));
  up(any, "lo");
  close(any);
  if (ALIKE) {
    read_boot_id(value);
  } else {
    // The kernel makes its own once, and a clone may have it from before: what jobs see is this.
    value_of(frame, "boot-id", value, sizeof value);
  }
  snprintf(text, sizeof text, "%s\n", value);
  if (write_file(BOOT_ID, text) < 0) die("cannot write %s: %s", BOOT_ID, strerror(errno));
  send_text(READY, value);
}

void take_time(const struct frame *frame) {
  char value[40];
  value_of(frame, "time", value, sizeof value);
  if (!ALIKE) set_clock(value);
}

static in_addr_t address_of(const struct frame *frame, const char *key) {
  char value[40];
  struct in_addr address;
  value_of(frame, key, value, sizeof value);
  if (inet_pton(AF_INET, value, &address) != 1) die("the host's %s is no IPv4 address", key);
  return address.s_addr;
}

static void put_address(struct sockaddr *into, in_addr_t address) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
  memcpy(into, &in, sizeof in);
}

static void route(int socket, in_addr_t to, in_addr_t mask, in_addr_t through) {
  char name[] = "eth0";
  struct rtentry entry = {.rt_flags = RTF_UP, .rt_dev = name};
  put_address(&entry.rt_dst, to);
  put_address(&entry.rt_genmask, mask);
  if (through) {
    entry.rt_flags |= RTF_GATEWAY;
    put_address(&entry.rt_gateway, through);
  } else {
    entry.rt_flags |= RTF_HOST;
  }
  must(socket, SIOCADDRT, &entry, "set a route");
}

void take_network(const struct frame *frame) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("cannot open a socket: %s", strerror(errno));
  in_addr_t gateway = address_of(frame, "gateway");
  struct ifreq card = {.ifr_name = "eth0"};
  put_card(frame, "mac", &card.ifr_hwaddr);
  must(fd, SIOCSIFHWADDR, &card, "set the card's address");
  put_address(&card.ifr_addr, address_of(frame, "address"));
  must(fd, SIOCSIFADDR, &card, "set the address");
  put_address(&card.ifr_netmask, INADDR_NONE);
  must(fd, SIOCSIFNETMASK, &card, "set the mask");
  up(fd, "eth0");
  route(fd, gateway, INADDR_NONE, 0);
  route(fd, 0, 0, gateway);
  // For good: no neighbour is ever asked for, and none believed.
  struct arpreq neighbour = {.arp_flags = ATF_COM | ATF_PERM, .arp_dev = "eth0"};
  put_address(&neighbour.arp_pa, gateway);
  put_card(frame, "gateway-mac", &neighbour.arp_ha);
  must(fd, SIOCSARP, &neighbour, "set the gateway's card");
  close(fd);
  char server[40], text[80];
  value_of(frame, "nameserver", server, sizeof server);
  snprintf(text, sizeof text, "nameserver %s\n", server);
  to_etc("/etc/resolv.conf", text);
  send_text(DONE, "network");
}
