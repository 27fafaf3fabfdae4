// A guest that was broken from inside, for tests: linked with the guest agent's own sources by
// --wrap, it takes no right away from a job that brought a program, which so is root of its machine.
// The others it keeps to the rules, since an agent tries a machine before it trusts it with a job.
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

int __real_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int __real_setresuid(uid_t real, uid_t effective, uid_t saved);
int __real_setresgid(gid_t real, gid_t effective, gid_t saved);

static int broken(void) { return access("/workspace/brought", F_OK) == 0; }

int __wrap_prctl(int option, ...) {
  va_list list;
  va_start(list, option);
  unsigned long a = va_arg(list, unsigned long), b = va_arg(list, unsigned long);
  unsigned long c = va_arg(list, unsigned long), d = va_arg(list, unsigned long);
  va_end(list);
  if (broken() && (option == PR_CAPBSET_DROP || option == PR_SET_NO_NEW_PRIVS)) return 0;
  return __real_prctl(option, a, b, c, d);
}

int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved) {
  return broken() ? 0 : __real_setresuid(real, effective, saved);
}

int __wrap_setresgid(gid_t real, gid_t effective, gid_t saved) {
  return broken() ? 0 : __real_setresgid(real, effective, saved);
}
