/* confine.c -- give up what a process does not need of the file system. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/io.h"

/* Younger than the headers of some systems that this is built on: since version 2 and 3 of the interface. */
#define RIGHT_REFER (UINT64_C(1) << 13)
#define RIGHT_TRUNCATE (UINT64_C(1) << 14)

#define RIGHTS_READ ((uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR))
#define RIGHTS_CHANGE                                                                                         \
    ((uint64_t)(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR \
                | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR) | RIGHT_REFER | RIGHT_TRUNCATE)
#define RIGHTS_NEVER                                                                                  \
    ((uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK \
                | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM))
/* What can be done to a file; the others are about names in a directory. */
#define RIGHTS_FILE \
    ((uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE) | RIGHT_TRUNCATE)

/* The rights that this kernel knows; 0 if it has no Landlock. */
static uint64_t
known_rights(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    uint64_t rights = RIGHTS_READ | RIGHTS_CHANGE | RIGHTS_NEVER;

    if (version < 1)
        return 0;
    if (version < 2)
        rights &= ~RIGHT_REFER;
    return version < 3 ? rights & ~RIGHT_TRUNCATE : rights;
}

static bool
allow(int rules, const struct confine_place *place, uint64_t known)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = (place->write ? RIGHTS_READ | RIGHTS_CHANGE : RIGHTS_READ) & known,
        .parent_fd = io_open(AT_FDCWD, place->path, O_PATH | IO_FOLLOW, 0),
    };
    struct stat status;
    int fd = rule.parent_fd;
    bool allowed;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode))
        rule.allowed_access &= RIGHTS_FILE;
    allowed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    io_close(&fd);
    return allowed;
}

bool
confine_to(const struct confine_place *places, size_t count)
{
    const uint64_t known = known_rights();
    const struct landlock_ruleset_attr all = { .handled_access_fs = known };
    int rules = known == 0 ? -1 : (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all.handled_access_fs, 0);
    bool confined = rules >= 0;

    for (size_t i = 0; i < count && confined; i++)
        confined = allow(rules, &places[i], known);
    confined = confined && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    io_close(&rules);
    return confined;
}
