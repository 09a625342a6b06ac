/* Makes kill -9 lose what was not yet forced to the medium. For tests on Linux only; loaded with LD_PRELOAD.
 *
 * A killed process loses nothing that it has written: the kernel keeps it. A power cut is different, and this library
 * makes one out of a kill: before any change of a file under $PARLEY_SHIM_DIR it appends to the undo log
 * $PARLEY_SHIM_UNDO what is needed to take the change back; fsync(file) and fsync(folder) append that everything before
 * is durable. After the kill `restore` in shim.py takes back, in reverse order, whatever is not.
 *
 * What is modelled
 *   content: write, pwrite, writev, pwritev, ftruncate, truncate, O_TRUNC; durable after fsync or fdatasync of the file
 *   names:   creation by open, link, rename, unlink; durable after fsync of the folder (of the target, for rename)
 * What is not
 *   mkdir, rmdir, symlink, permissions and times; mmap (so SQLite's -shm is left out by name: it is not durable by
 *   design); stdio (its calls inside libc cannot be seen), sendfile, splice, copy_file_range, fallocate, io_uring; loss
 *   of an arbitrary subset of writes, or of half a write (restore can keep a first part of them, in order).
 *
 * Switches
 *   PARLEY_SHIM_FAIL_FSYNC=N   the N-th fsync or fdatasync under the folder fails with EIO and makes nothing durable
 *   PARLEY_SHIM_FAIL_NAME=S    ... counting only files whose path ends in S
 *   PARLEY_SHIM_LIE_FSYNC=1    fsync does nothing and claims success: everything stays undoable
 *
 * A record is one write with O_APPEND, so that threads and processes do not mix. All numbers are little-endian 64-bit:
 *   magic, kind, device, inode, first, second, path length, data length; then path, then data
 */

#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC 0x4f444e5559454c50ULL /* "PLEYUNDO" */

enum kind {
    WROTE = 'W',    /* first: offset, second: size of the file before; data: what stood there */
    CUT = 'T',      /* first: new size, second: size before; data: what was cut off */
    MADE = 'C',     /* path: a name that did not exist before */
    RENAMED = 'R',  /* path: "from\0to"; first, second: device and inode of what `to` was, 0 if nothing */
    REMOVED = 'U',  /* path; first: permissions; data: the whole content */
    SYNCED = 'S',   /* first: position in the log; everything of this file before it is durable */
    SYNCED_DIR = 'D',
    LIED = 'L',     /* an fsync that did nothing; only for counting */
    FAILED = 'F',
};

static struct {
    int (*open)(const char *, int, ...);
    int (*openat)(int, const char *, int, ...);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*pread)(int, void *, size_t, off_t);
    ssize_t (*write)(int, const void *, size_t);
    ssize_t (*pwrite)(int, const void *, size_t, off_t);
    ssize_t (*writev)(int, const struct iovec *, int);
    ssize_t (*pwritev)(int, const struct iovec *, int, off_t);
    int (*ftruncate)(int, off_t);
    int (*fsync)(int);
    int (*fdatasync)(int);
    int (*renameat2)(int, const char *, int, const char *, unsigned);
    int (*unlinkat)(int, const char *, int);
    int (*linkat)(int, const char *, int, const char *, int);
    int (*close)(int);
} real;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t change = PTHREAD_MUTEX_INITIALIZER; /* a record and its change belong together */
static char dir[PATH_MAX];
static size_t dir_length; /* 0: switched off */
static int undo = -1;
static int lie;
static long fail_at;
static const char *fail_name;
static atomic_long syncs;

static void die(const char *what)
{
    /* A test that goes on without its undo log would prove nothing. */
    dprintf(2, "lostwrites: %s: %s\n", what, strerror(errno));
    _exit(99);
}

static void *symbol(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        die(name);
    return found;
}

static void after_fork(void)
{
    /* Another thread may have held it; its owner does not exist in the child. */
    pthread_mutex_init(&change, NULL);
}

static void load(void)
{
    pthread_atfork(NULL, NULL, after_fork);
    real.open = symbol("open64");
    real.openat = symbol("openat64");
    real.read = symbol("read");
    real.pread = symbol("pread64");
    real.write = symbol("write");
    real.pwrite = symbol("pwrite64");
    real.writev = symbol("writev");
    real.pwritev = symbol("pwritev64");
    real.ftruncate = symbol("ftruncate64");
    real.fsync = symbol("fsync");
    real.fdatasync = symbol("fdatasync");
    real.renameat2 = symbol("renameat2");
    real.unlinkat = symbol("unlinkat");
    real.linkat = symbol("linkat");
    real.close = symbol("close");
    const char *folder = getenv("PARLEY_SHIM_DIR"), *log = getenv("PARLEY_SHIM_UNDO");
    if (!folder || !log)
        return;
    if (!realpath(folder, dir))
        die(folder);
    undo = real.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (undo < 0)
        die(log);
    /* Out of the way of programs that close every low descriptor. */
    int high = fcntl(undo, F_DUPFD_CLOEXEC, 700);
    if (high >= 0) {
        real.close(undo);
        undo = high;
    }
    lie = getenv("PARLEY_SHIM_LIE_FSYNC") != NULL;
    fail_name = getenv("PARLEY_SHIM_FAIL_NAME");
    const char *number = getenv("PARLEY_SHIM_FAIL_FSYNC");
    fail_at = number ? atol(number) : 0;
    dir_length = strlen(dir);
}

static int on(void)
{
    pthread_once(&once, load);
    return dir_length != 0;
}

static int ends_with(const char *path, const char *end)
{
    size_t a = strlen(path), b = strlen(end);
    return a >= b && !strcmp(path + a - b, end);
}

/* Whether `path` (absolute, resolved) is ours to watch. */
static int watched(const char *path)
{
    if (strncmp(path, dir, dir_length) || (path[dir_length] != '/' && path[dir_length] != 0))
        return 0;
    return !ends_with(path, "-shm");
}

/* The path of an open file; 0 if it is not ours, has no name any more, or is not a file. */
static int path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n <= 0)
        return 0;
    path[n] = 0;
    return watched(path);
}

/* `name` relative to the folder `at`, absolute and with its folder resolved; 0 if it is not ours. */
static int absolute(int at, const char *name, char path[PATH_MAX])
{
    char joined[PATH_MAX], folder[PATH_MAX];
    if (name[0] == '/') {
        snprintf(joined, sizeof joined, "%s", name);
    } else {
        char base[PATH_MAX / 2], link[64];
        if (at == AT_FDCWD) {
            if (!getcwd(base, sizeof base))
                return 0;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            ssize_t n = readlink(link, base, sizeof base - 1);
            if (n <= 0)
                return 0;
            base[n] = 0;
        }
        if ((size_t)snprintf(joined, sizeof joined, "%s/%s", base, name) >= sizeof joined)
            return 0;
    }
    char *slash = strrchr(joined, '/');
    if (!slash || !slash[1])
        return 0;
    *slash = 0;
    if (!realpath(slash == joined ? "/" : joined, folder))
        return 0;
    if ((size_t)snprintf(path, PATH_MAX, "%s/%s", folder, slash + 1) >= PATH_MAX)
        return 0;
    return watched(path);
}

static void record(enum kind kind, const struct stat *file, uint64_t first, uint64_t second, const char *path,
                   size_t path_length, const void *data, size_t data_length)
{
    uint64_t head[8] = {MAGIC,  kind,        file ? file->st_dev : 0, file ? file->st_ino : 0, first, second,
                        path_length, data_length};
    struct iovec parts[3] = {
        {head, sizeof head}, {(void *)path, path_length}, {(void *)data, data_length}};
    ssize_t whole = (ssize_t)(sizeof head + path_length + data_length);
    if (real.writev(undo, parts, 3) != whole)
        die("the undo log cannot be written");
}

/* What stands in an open file from `offset`, at most `length`; the caller frees it. */
static void *contents(int fd, uint64_t offset, uint64_t length, size_t *got)
{
    char link[64], *buffer = malloc(length ? length : 1);
    *got = 0;
    if (!buffer)
        die("no memory");
    /* Opened anew, for the descriptor at hand may be for writing only. */
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int reader = real.open(link, O_RDONLY | O_CLOEXEC);
    if (reader < 0)
        die("a file cannot be read before it is changed");
    while (*got < length) {
        ssize_t n = real.pread(reader, buffer + *got, length - *got, (off_t)(offset + *got));
        if (n <= 0)
            break;
        *got += (size_t)n;
    }
    real.close(reader);
    return buffer;
}

/* Note what a write of `length` bytes at `offset` (-1: where the file stands) is about to overwrite. */
static void before_write(int fd, off_t offset, size_t length)
{
    char path[PATH_MAX];
    struct stat file;
    if (!path_of(fd, path) || fstat(fd, &file) || !S_ISREG(file.st_mode))
        return;
    if (offset < 0) {
        int flags = fcntl(fd, F_GETFL);
        offset = flags >= 0 && flags & O_APPEND ? file.st_size : lseek(fd, 0, SEEK_CUR);
    }
    size_t got = 0;
    void *old = NULL;
    if (offset < file.st_size) {
        uint64_t most = (uint64_t)(file.st_size - offset);
        old = contents(fd, (uint64_t)offset, most < length ? most : length, &got);
    }
    record(WROTE, &file, (uint64_t)offset, (uint64_t)file.st_size, path, strlen(path), old, got);
    free(old);
}

static void before_cut(int fd, off_t size)
{
    char path[PATH_MAX];
    struct stat file;
    if (!path_of(fd, path) || fstat(fd, &file) || !S_ISREG(file.st_mode))
        return;
    size_t got = 0;
    void *old = NULL;
    if (size < file.st_size)
        old = contents(fd, (uint64_t)size, (uint64_t)(file.st_size - size), &got);
    record(CUT, &file, (uint64_t)size, (uint64_t)file.st_size, path, strlen(path), old, got);
    free(old);
}

static void before_removal(const char *path)
{
    struct stat file;
    if (lstat(path, &file) || !S_ISREG(file.st_mode))
        return;
    int fd = real.open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die("a file cannot be read before it is removed");
    size_t got = 0;
    void *old = contents(fd, 0, (uint64_t)file.st_size, &got);
    real.close(fd);
    record(REMOVED, &file, file.st_mode & 07777, file.st_nlink, path, strlen(path), old, got);
    free(old);
}

/* ---- content ---- */

ssize_t write(int fd, const void *data, size_t length)
{
    if (!on())
        return real.write(fd, data, length);
    pthread_mutex_lock(&change);
    before_write(fd, -1, length);
    ssize_t n = real.write(fd, data, length);
    pthread_mutex_unlock(&change);
    return n;
}

static ssize_t write_at(int fd, const void *data, size_t length, off_t offset)
{
    if (!on())
        return real.pwrite(fd, data, length, offset);
    pthread_mutex_lock(&change);
    before_write(fd, offset, length);
    ssize_t n = real.pwrite(fd, data, length, offset);
    pthread_mutex_unlock(&change);
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return write_at(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return write_at(fd, data, length, offset); }

static size_t total(const struct iovec *parts, int count)
{
    size_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += parts[i].iov_len;
    return sum;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (!on())
        return real.writev(fd, parts, count);
    pthread_mutex_lock(&change);
    before_write(fd, -1, total(parts, count));
    ssize_t n = real.writev(fd, parts, count);
    pthread_mutex_unlock(&change);
    return n;
}

static ssize_t writev_at(int fd, const struct iovec *parts, int count, off_t offset)
{
    if (!on())
        return real.pwritev(fd, parts, count, offset);
    pthread_mutex_lock(&change);
    before_write(fd, offset, total(parts, count));
    ssize_t n = real.pwritev(fd, parts, count, offset);
    pthread_mutex_unlock(&change);
    return n;
}

ssize_t pwritev(int fd, const struct iovec *p, int n, off_t offset) { return writev_at(fd, p, n, offset); }
ssize_t pwritev64(int fd, const struct iovec *p, int n, off64_t offset) { return writev_at(fd, p, n, offset); }

static int cut(int fd, off_t size)
{
    if (!on())
        return real.ftruncate(fd, size);
    pthread_mutex_lock(&change);
    before_cut(fd, size);
    int result = real.ftruncate(fd, size);
    pthread_mutex_unlock(&change);
    return result;
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

static int cut_path(const char *path, off_t size)
{
    pthread_once(&once, load);
    int fd = real.open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = cut(fd, size), kept = errno;
    real.close(fd);
    errno = kept;
    return result;
}

int truncate(const char *path, off_t size) { return cut_path(path, size); }
int truncate64(const char *path, off64_t size) { return cut_path(path, size); }

/* ---- names ---- */

static int open_at(int at, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    if (!on() || !(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !absolute(at, name, path))
        return real.openat(at, name, flags, mode);
    pthread_mutex_lock(&change);
    struct stat file;
    int is_new = lstat(path, &file) && errno == ENOENT;
    if (is_new && flags & O_CREAT) {
        record(MADE, NULL, 0, 0, path, strlen(path), NULL, 0);
    } else if (!is_new && flags & O_TRUNC && !(flags & O_EXCL) && S_ISREG(file.st_mode)) {
        int fd = real.open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0) {
            before_cut(fd, 0);
            real.close(fd);
        }
    }
    int fd = real.openat(at, name, flags, mode);
    int kept = errno;
    pthread_mutex_unlock(&change);
    errno = kept;
    return fd;
}

#define MODE(flags, last)                                                                                             \
    mode_t mode = 0;                                                                                                  \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                            \
        va_list rest;                                                                                                 \
        va_start(rest, last);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                  \
        va_end(rest);                                                                                                 \
    }

int open(const char *name, int flags, ...)
{
    MODE(flags, flags)
    return open_at(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    MODE(flags, flags)
    return open_at(AT_FDCWD, name, flags | O_LARGEFILE, mode);
}

int openat(int at, const char *name, int flags, ...)
{
    MODE(flags, flags)
    return open_at(at, name, flags, mode);
}

int openat64(int at, const char *name, int flags, ...)
{
    MODE(flags, flags)
    return open_at(at, name, flags | O_LARGEFILE, mode);
}

int creat(const char *name, mode_t mode) { return open_at(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return open_at(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* What fortified callers are linked to: open without a mode. */
int __open_2(const char *name, int flags) { return open_at(AT_FDCWD, name, flags, 0); }
int __open64_2(const char *name, int flags) { return open_at(AT_FDCWD, name, flags | O_LARGEFILE, 0); }
int __openat_2(int at, const char *name, int flags) { return open_at(at, name, flags, 0); }
int __openat64_2(int at, const char *name, int flags) { return open_at(at, name, flags | O_LARGEFILE, 0); }

static int rename_at(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    char both[2 * PATH_MAX], target[PATH_MAX];
    if (!on() || !absolute(from_at, from, both) || !absolute(to_at, to, target))
        return real.renameat2(from_at, from, to_at, to, flags);
    pthread_mutex_lock(&change);
    struct stat source;
    if (!lstat(both, &source)) {
        size_t length = strlen(both);
        if (!(flags & RENAME_NOREPLACE))
            before_removal(target); /* what the name stood for until now */
        memcpy(both + length + 1, target, strlen(target));
        record(RENAMED, &source, 0, 0, both, length + 1 + strlen(target), NULL, 0);
    }
    int result = real.renameat2(from_at, from, to_at, to, flags), kept = errno;
    pthread_mutex_unlock(&change);
    errno = kept;
    return result;
}

int rename(const char *from, const char *to) { return rename_at(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return rename_at(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned f) { return rename_at(a, from, b, to, f); }

static int unlink_at(int at, const char *name, int flags)
{
    char path[PATH_MAX];
    if (!on() || flags & AT_REMOVEDIR || !absolute(at, name, path))
        return real.unlinkat(at, name, flags);
    pthread_mutex_lock(&change);
    before_removal(path);
    int result = real.unlinkat(at, name, flags), kept = errno;
    pthread_mutex_unlock(&change);
    errno = kept;
    return result;
}

int unlink(const char *name) { return unlink_at(AT_FDCWD, name, 0); }
int unlinkat(int at, const char *name, int flags) { return unlink_at(at, name, flags); }
int remove(const char *name)
{
    struct stat file;
    int is_folder = !lstat(name, &file) && S_ISDIR(file.st_mode);
    return unlink_at(AT_FDCWD, name, is_folder ? AT_REMOVEDIR : 0);
}

static int link_at(int from_at, const char *from, int to_at, const char *to, int flags)
{
    char path[PATH_MAX];
    struct stat file;
    if (!on() || !absolute(to_at, to, path))
        return real.linkat(from_at, from, to_at, to, flags);
    pthread_mutex_lock(&change);
    if (lstat(path, &file) && errno == ENOENT)
        record(MADE, NULL, 0, 0, path, strlen(path), NULL, 0);
    int result = real.linkat(from_at, from, to_at, to, flags), kept = errno;
    pthread_mutex_unlock(&change);
    errno = kept;
    return result;
}

int link(const char *from, const char *to) { return link_at(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return link_at(a, from, b, to, flags); }

/* ---- fsync ---- */

static int sync_with(int fd, int (*sync)(int))
{
    char path[PATH_MAX];
    struct stat file;
    if (!on() || !path_of(fd, path) || fstat(fd, &file))
        return sync(fd);
    enum kind kind = S_ISDIR(file.st_mode) ? SYNCED_DIR : SYNCED;
    if (!fail_name || ends_with(path, fail_name)) {
        if (atomic_fetch_add(&syncs, 1) + 1 == fail_at) {
            record(FAILED, &file, 0, 0, path, strlen(path), NULL, 0);
            errno = EIO;
            return -1;
        }
    }
    if (lie) {
        record(LIED, &file, 0, 0, path, strlen(path), NULL, 0);
        return 0;
    }
    /* Only what was in the log before the call is durable after it; other threads write on meanwhile. */
    pthread_mutex_lock(&change);
    struct stat log;
    if (fstat(undo, &log))
        die("the undo log");
    pthread_mutex_unlock(&change);
    int result = sync(fd), kept = errno;
    if (!result)
        record(kind, &file, (uint64_t)log.st_size, 0, path, strlen(path), NULL, 0);
    errno = kept;
    return result;
}

int fsync(int fd)
{
    pthread_once(&once, load);
    return sync_with(fd, real.fsync);
}

int fdatasync(int fd)
{
    pthread_once(&once, load);
    return sync_with(fd, real.fdatasync);
}
