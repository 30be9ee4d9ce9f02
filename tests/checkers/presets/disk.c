/* A disk for smartctl where there is none: answers the ioctls of Linux' ATA driver.
 *
 * Preloaded into the real smartctl (`-d ata`). What is opened under /dev/sd* is a text file that
 * holds words for what is wrong with the disk; every answer has the layout of the ATA standard
 * (ACS-3, SMART feature set), checksums included, so that smartctl's own reading of it is tried.
 *
 *     failing    SMART RETURN STATUS says that a threshold is passed
 *     prefail    attribute 5 (reallocated sectors) is at its threshold now
 *     past       it was, once
 *     errors     the error log has an entry
 *     selftest   the latest self-test could not read a sector
 *     deaf       no SMART command is answered
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/hdreg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SMART = 0xb0, VALUES = 0xd0, THRESHOLDS = 0xd1, LOG = 0xd5, STATUS = 0xda };

static char words[256];

/* The words in the file, if `fd` is one of our disks. */
static int is_disk(int fd) {
    char link[64], path[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 7 || strncmp(path, "/dev/sd", 7) != 0) return 0;
    size = pread(fd, words, sizeof words - 1, 0);
    words[size < 0 ? 0 : size] = 0;
    return 1;
}

static int has(const char *word) { return strstr(words, word) != NULL; }

static void put_word(unsigned char *sector, int word, unsigned value) {
    sector[word * 2] = value & 0xff;
    sector[word * 2 + 1] = value >> 8;
}

/* The sum of a sector's bytes is nought. */
static void seal(unsigned char *sector) {
    unsigned char sum = 0;
    for (int at = 0; at < 511; at++) sum += sector[at];
    sector[511] = -sum;
}

static void identify(unsigned char *sector) {
    memcpy(sector + 20, "0000000000000000SN10", 20); /* serial number */
    memcpy(sector + 54, "ETTSD SI K              ", 24); /* model, bytes swapped */
    put_word(sector, 80, 0x01f0);
    put_word(sector, 82, 0x0001); /* SMART can be had */
    put_word(sector, 83, 0x4000);
    put_word(sector, 84, 0x4003); /* error log, self-test */
    put_word(sector, 85, 0x0001); /* SMART is on */
    put_word(sector, 86, 0x0000);
    put_word(sector, 87, 0x4003);
}

static void values(unsigned char *sector) {
    put_word(sector, 0, 16);
    unsigned char *attribute = sector + 2;
    attribute[0] = 5;
    attribute[1] = 0x33; /* pre-failure */
    attribute[3] = has("prefail") ? 10 : 100;
    attribute[4] = has("prefail") || has("past") ? 10 : 100;
    sector[367] = 0x7b; /* what off-line tests it has */
    sector[368] = 0x03;
    sector[370] = 0x01; /* it keeps an error log */
    seal(sector);
}

static void thresholds(unsigned char *sector) {
    put_word(sector, 0, 16);
    sector[2] = 5;
    sector[3] = 36;
    seal(sector);
}

static void error_log(unsigned char *sector) {
    sector[0] = 1;
    if (has("errors")) {
        sector[1] = 1;
        unsigned char *error = sector + 2 + 60;
        error[1] = 0x40; /* uncorrectable */
        error[7] = 0x51;
        put_word(sector, 226, 1); /* how many */
    }
    seal(sector);
}

static void selftest_log(unsigned char *sector) {
    put_word(sector, 0, 1);
    if (has("selftest")) {
        sector[2] = 2; /* extended, off-line */
        sector[3] = 0x79; /* read failure */
        put_word(sector + 4, 0, 123);
        sector[508] = 1;
    }
    seal(sector);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    unsigned char *buffer = va_arg(rest, void *);
    va_end(rest);
    if (!is_disk(fd)) {
        int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
        return real(fd, request, buffer);
    }
    if (request == HDIO_GET_IDENTITY) {
        memset(buffer, 0, 512);
        identify(buffer);
        return 0;
    }
    if (request == HDIO_DRIVE_TASK && buffer[0] == SMART && buffer[1] == STATUS && !has("deaf")) {
        buffer[4] = has("failing") ? 0xf4 : 0x4f;
        buffer[5] = has("failing") ? 0x2c : 0xc2;
        return 0;
    }
    if (request == HDIO_DRIVE_CMD && buffer[0] == WIN_IDENTIFY) {
        memset(buffer + 4, 0, 512);
        identify(buffer + 4);
        return 0;
    }
    if (request == HDIO_DRIVE_CMD && buffer[0] == SMART && !has("deaf")) {
        int feature = buffer[2], log = buffer[1];
        unsigned char *sector = buffer + 4;
        if (feature == VALUES || feature == THRESHOLDS || feature == LOG) memset(sector, 0, 512);
        if (feature == VALUES) values(sector);
        if (feature == THRESHOLDS) thresholds(sector);
        if (feature == LOG && log == 1) error_log(sector);
        if (feature == LOG && log == 6) selftest_log(sector);
        return 0;
    }
    errno = EIO;
    return -1;
}
