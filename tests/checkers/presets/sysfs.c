/* LD_PRELOAD: a tree of plain files at /sys passes for sysfs, so that sensors(1) reads what a test
   has laid out there. Nothing else is changed: the values are read by libsensors itself. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <sys/vfs.h>

static const long SYSFS_MAGIC = 0x62656572;

int statfs(const char *path, struct statfs *answer) {
    int (*real)(const char *, struct statfs *) =
        (int (*)(const char *, struct statfs *))dlsym(RTLD_NEXT, "statfs");
    int status = real(path, answer);
    if (status == 0 && strcmp(path, "/sys") == 0) answer->f_type = SYSFS_MAGIC;
    return status;
}
