"""The calls that are broken, by kinds, and what becomes of them."""
import errno
import os

SYNCS = ("fsync", "fdatasync", "syncfs")
WRITES = ("write", "pwrite")
NAMES = ("rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat")
OPENS = ("open", "openat", "open64", "openat64")
# Calls that are counted together, and how each may fail.
ALTERING = {
    **dict.fromkeys(WRITES, ("ENOSPC", "EIO", "EDQUOT")),
    **dict.fromkeys(SYNCS, ("EIO", "ENOSPC", "EDQUOT")),
    **dict.fromkeys(NAMES, ("ENOSPC", "EIO", "EDQUOT")),
    **dict.fromkeys(("writev", "ftruncate", "unlink", "unlinkat"), ("EIO",)),
    "mkostemp": ("EMFILE", "ENOSPC"),
}
OPENING = {**dict.fromkeys(OPENS, ("EMFILE", "ENOSPC", "EIO", "ENOMEM")), "flock": ("ENOLCK", "EIO"),
           "futimens": ("EIO",)}
READING = {"read": ("EIO",), "pread": ("EIO",)}
LOOKING = {
    **dict.fromkeys(("stat", "fstat", "fstatat", "statx", "faccessat"), ("EIO", "ENOMEM")),
    **dict.fromkeys(("fdopendir", "inotify_init1", "inotify_add_watch"), ("EMFILE", "ENOMEM")),
    "readdir": ("EIO",), "fcntl": ("EIO",), "pthread_create": ("EAGAIN",), "mmap": ("ENOMEM",),
}
MEMORY = dict.fromkeys(("malloc", "calloc", "realloc"), ("ENOMEM",))
PARTS = (*WRITES, *READING)
FILLING = (*WRITES, *NAMES)

# kind -> the calls that count, what becomes of the n-th of them, and how all that follow fail.
KINDS = {
    "killed": (tuple(ALTERING), "kill-before", ""),
    "killed-halfway": (WRITES, "kill-halfway", ""),
    "killed-after": ((*ALTERING, *OPENING), "kill-after", ""),
    "altering": (tuple(ALTERING), ALTERING, ""),
    "full": (FILLING, "ENOSPC", "ENOSPC"),
    "half-full": (WRITES, "short", "ENOSPC"),
    "gone": ((*FILLING, *SYNCS, "ftruncate"), "EIO", "EIO"),
    "opening": (tuple(OPENING), OPENING, ""),
    "reading": (tuple(READING), READING, ""),
    "looking": (tuple(LOOKING), LOOKING, ""),
    "memory": (tuple(MEMORY), MEMORY, ""),
    "interrupted": ((*PARTS, *OPENS, "flock", "ftruncate"), "EINTR", ""),
    "short": (PARTS, "short", ""),
}
KILLED = ("killed", "killed-halfway", "killed-after")
CUT_BACK = ("altering", "full", "half-full")    # a write that failed is taken back
HARMLESS = ("interrupted", "short")
# At least so many calls of a kind are broken, unless all are wanted.
SOME = 1


def ways(kind, call):
    """How such a call may fail; of a call that was not met before nothing is known."""
    how = KINDS[kind][1]
    return (how,) if isinstance(how, str) else how.get(call, ("EIO",))


def reason(error):
    """What a command has to say of an error, by its name."""
    return os.strerror(getattr(errno, error))


def counted(kind):
    return ",".join(KINDS[kind][0])


def then(kind):
    return KINDS[kind][2]
