/* A RAID array for mdadm where the kernel has none: answers the ioctls of Linux' md driver.
 *
 * Preloaded into the real mdadm. What it opens as block device 9:0 is the text file /run/md0, with
 * one word for each place of a RAID 1: `active`, `faulty`, `removed` or `spare` (not yet rebuilt).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/major.h>
#include <linux/raid/md_p.h>
#include <linux/raid/md_u.h>

#define FILE_NAME "/run/md0"

enum { PLACES = 8, BLOCKS = 1048576 };

static char words[256];
static char *place[PLACES];
static int places;

/* Read the places from the file, if `fd` is one of our arrays. */
static int is_array(int fd) {
    struct stat wanted, found;
    int (*real)(int, struct stat *) = dlsym(RTLD_NEXT, "fstat");
    if (stat(FILE_NAME, &wanted) != 0 || real(fd, &found) != 0) return 0;
    if (wanted.st_dev != found.st_dev || wanted.st_ino != found.st_ino) return 0;
    ssize_t size = pread(fd, words, sizeof words - 1, 0);
    words[size < 0 ? 0 : size] = 0;
    places = 0;
    char *rest = words, *word;
    while (places < PLACES && (word = strsep(&rest, " \n")) != NULL)
        if (*word) place[places++] = word;
    return 1;
}

static int count(const char *word) {
    int found = 0;
    for (int at = 0; at < places; at++) found += strcmp(place[at], word) == 0;
    return found;
}

static int state(const char *word) {
    if (strcmp(word, "active") == 0) return 1 << MD_DISK_ACTIVE | 1 << MD_DISK_SYNC;
    if (strcmp(word, "faulty") == 0) return 1 << MD_DISK_FAULTY;
    if (strcmp(word, "removed") == 0) return 1 << MD_DISK_REMOVED;
    return 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    struct stat found;
    if (stat(path, &found) == 0 && S_ISBLK(found.st_mode) && found.st_rdev == makedev(MD_MAJOR, 0))
        path = FILE_NAME;
    return real(path, flags, mode);
}

int fstat(int fd, struct stat *found) {
    int (*real)(int, struct stat *) = dlsym(RTLD_NEXT, "fstat");
    int status = real(fd, found);
    if (status == 0 && is_array(fd)) {
        found->st_mode = S_IFBLK | 0600;
        found->st_rdev = makedev(MD_MAJOR, 0);
    }
    return status;
}

/* Their other names: the same where a file's size has 64 bits anyway. */
int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    return open(path, flags, mode);
}

int fstat64(int fd, struct stat64 *found) { return fstat(fd, (struct stat *)found); }

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *buffer = va_arg(rest, void *);
    va_end(rest);
    if (!is_array(fd)) {
        int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
        return real(fd, request, buffer);
    }
    if (request == GET_ARRAY_INFO) {
        mdu_array_info_t *array = buffer;
        memset(array, 0, sizeof *array);
        array->major_version = 1;
        array->minor_version = 2;
        array->level = 1;
        array->size = BLOCKS;
        array->raid_disks = places;
        array->nr_disks = places - count("removed");
        array->active_disks = count("active");
        array->working_disks = count("active") + count("spare");
        array->failed_disks = count("faulty");
        array->spare_disks = count("spare");
        array->state = 1 << MD_SB_CLEAN;
        return 0;
    }
    if (request == GET_DISK_INFO) {
        mdu_disk_info_t *disk = buffer;
        int number = disk->number;
        memset(disk, 0, sizeof *disk);
        disk->number = number;
        disk->raid_disk = -1;
        if (number < places && strcmp(place[number], "removed") != 0) {
            disk->major = 8;
            disk->minor = 16 * number + 1;
            disk->state = state(place[number]);
            if (strcmp(place[number], "active") == 0) disk->raid_disk = number;
        } else {
            disk->state = 1 << MD_DISK_REMOVED;
        }
        return 0;
    }
    if (request == BLKGETSIZE64) {
        *(unsigned long long *)buffer = 1024ULL * BLOCKS;
        return 0;
    }
    if (request == RAID_VERSION) {
        mdu_version_t *version = buffer;
        version->major = 0;
        version->minor = 90;
        version->patchlevel = 3;
        return 0;
    }
    errno = EINVAL;
    return -1;
}
