// From the kernel's initramfs to the machine's root: modules, disks, overlay.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guest.h"

static void must_mount(const char *what, const char *where, const char *kind, unsigned long flags,
                       const char *options) {
  if (mkdir(where, 0755) < 0 && errno != EEXIST) die("cannot make %s: %s", where, strerror(errno));
  if (mount(what, where, kind, flags, options) < 0) {
    die("cannot mount %s on %s: %s", what, where, strerror(errno));
  }
}

// In the order of the list, which whoever made the initramfs has put right.
static void load_modules(void) {
  FILE *list = fopen("/modules/order", "re");
  if (!list) return;  // a kernel with all that is needed built in
  char name[100], path[120];
  while (fgets(name, sizeof name, list)) {
    name[strcspn(name, "\n")] = 0;
    snprintf(path, sizeof path, "/modules/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die("the initramfs lists the module %s and does not have it", name);
    if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST) {
      die("cannot load the module %s: %s", name, strerror(errno));
    }
    close(fd);
  }
  fclose(list);
}

// By serial; a monitor that sets none has them in the order base, upper.
static int find_disk(const char *serial, const char *by_order, char *device, size_t size) {
  DIR *blocks = opendir("/sys/block");
  if (!blocks) die("there is no /sys/block: %s", strerror(errno));
  int named = 0, found = 0;
  for (struct dirent *each; (each = readdir(blocks));) {
    if (strncmp(each->d_name, "vd", 2) != 0) continue;
    char path[300], text[64] = {0};
    snprintf(path, sizeof path, "/sys/block/%.64s/serial", each->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    if (n <= 0) continue;
    text[strcspn(text, "\n")] = 0;
    if (strcmp(text, "base") == 0 || strcmp(text, "upper") == 0) named = 1;
    if (strcmp(text, serial) == 0) {
      snprintf(device, size, "/dev/%.64s", each->d_name);
      found = 1;
    }
  }
  closedir(blocks);
  if (!found && !named && access(by_order, F_OK) == 0) {
    snprintf(device, size, "%s", by_order);
    found = 1;
  }
  return found;
}

static void await_disk(const char *serial, const char *by_order, char *device, size_t size) {
  for (int i = 0; i < 2000; i++) {
    if (find_disk(serial, by_order, device, size)) return;
    usleep(5000);
  }
  die("the disk %s does not appear within 10 s", serial);
}

static void directory(const char *path, mode_t mode, uid_t user) {
  struct stat there;
  if (mkdir(path, mode) < 0 && errno != EEXIST) die("cannot make %s: %s", path, strerror(errno));
  if (lstat(path, &there) < 0 || !S_ISDIR(there.st_mode)) {
    die("%s is not a directory in the base image; build it again without that", path);
  }
  if (chmod(path, mode) < 0 || chown(path, user, user) < 0) {
    die("cannot make %s the job's: %s", path, strerror(errno));
  }
}

static void set(const char *path, const char *value) {
  // Not every kernel has every switch; what a kernel has not cannot be misused.
  if (write_file(path, value) < 0 && errno != ENOENT) {
    die("cannot write %s: %s", path, strerror(errno));
  }
}

static char upper[80];

void find_disks(void) {
  must_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  must_mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  must_mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=755");
  load_modules();
  char base[80];
  await_disk("base", "/dev/vda", base, sizeof base);
  await_disk("upper", "/dev/vdb", upper, sizeof upper);
  must_mount(base, "/base", "ext4", MS_RDONLY | MS_NODEV, "");
  // As any init does that asks which boot it is: from then on the kernel has one.
  if (ALIKE) read_boot_id((char[37]){0});
}

void make_root(void) {
  must_mount(upper, "/upper", "ext4", MS_NOATIME | MS_NODEV, "");
  if (mkdir("/upper/files", 0755) < 0 || mkdir("/upper/work", 0755) < 0) {
    // Only ever so if a disk was used before.
    die("this machine's own disk is not new: %s", strerror(errno));
  }
  // volatile: never flushed for its own sake, and the kernel refuses to mount it a second time.
  must_mount("root", "/root", "overlay", MS_NODEV,
             "lowerdir=/base,upperdir=/upper/files,workdir=/upper/work,volatile");
  directory("/root/proc", 0555, 0);
  directory("/root/sys", 0555, 0);
  directory("/root/dev", 0755, 0);
  directory("/root/run", 0755, 0);
  directory("/root/tmp", 01777, 0);
  if (mount("/proc", "/root/proc", NULL, MS_MOVE, NULL) < 0 ||
      mount("/sys", "/root/sys", NULL, MS_MOVE, NULL) < 0 ||
      mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) < 0) {
    die("cannot move /proc, /sys and /dev into the root: %s", strerror(errno));
  }
  if (chdir("/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
      chdir("/") < 0) {
    die("cannot make the overlay the root: %s", strerror(errno));
  }
  must_mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m");
  directory("/run/holdfast", 0755, 0);
  directory("/home", 0755, 0);
  directory("/home/job", 0700, JOB_USER);
  // Closed until the files are handed over.
  directory("/workspace", 0700, 0);
  set("/proc/sys/user/max_user_namespaces", "0");
  set("/proc/sys/kernel/dmesg_restrict", "1");
  set("/proc/sys/kernel/kptr_restrict", "2");
  set("/proc/sys/kernel/unprivileged_bpf_disabled", "1");
  set("/proc/sys/kernel/yama/ptrace_scope", "1");
  set("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
  set("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
}
