"""A disk as a power cut leaves it.

A Disk follows a record of changes and syncs (../shim/record.c). It knows of each file
the bytes as of its last sync and what was done since, and of each directory the names as
of its last sync and what was done to them since. What a cut may leave is any of these,
for files and directories independently of each other:

  of a file        the bytes as of its last sync, with the first so many changes, the
                   next one perhaps in part; behind them NUL bytes up to a length that the
                   file has had since (a size that was written before its data)
  of a directory   its names as of its last sync, with the first so many changes

A file's sync makes its data and its length durable, not its name: that is on disk after a
sync of its directory, or of everything. A record that is written over in place, within a
sector, is old or new.
"""
import itertools
import os

SECTOR = 512
EVERY_BYTE = 64             # an unsynced write up to so long is cut at each of its bytes


class File:
    """A regular file: what is on disk of it, and what is not yet."""

    def __init__(self, durable=b""):
        self.durable, self.pending, self.path = durable, [], None
        self._left = None

    def change(self, change):
        self.pending.append(change)
        self._left = None

    def sync(self):
        if self.pending:
            self.durable, self.pending, self._left = self.now(), [], None

    def now(self):
        content = self.durable
        for change in self.pending:
            content = changed(content, change)
        return content

    def left(self):
        """What a cut may leave: (the telling contents, further ones)."""
        if self._left is None:
            self._left = self._enumerate()
        return self._left

    def _enumerate(self):
        telling, further = {self.durable: None}, {}
        content, longest = self.durable, len(self.durable)
        for change in self.pending:
            after = changed(content, change)
            longest = max(longest, len(after))
            some, others = torn(content, change)
            telling.update(dict.fromkeys(some))
            further.update(dict.fromkeys(others))
            is_between = in_place(content, change) and change is not self.pending[-1]
            (further if is_between else telling)[after] = None
            content = after
        for part in list(telling):
            if len(part) < longest:
                grown = part + bytes(longest - len(part))
                (telling if len(self.pending) < 3 else further)[grown] = None
        for part in list(further)[::7]:
            if len(part) < longest:
                further[part + bytes(longest - len(part))] = None
        for part in telling:
            further.pop(part, None)
        return list(telling), list(further)


def changed(content, change):
    kind, at, data = change
    if kind == "truncate":
        return content[:at] + bytes(max(0, at - len(content)))
    return content[:at] + bytes(max(0, at - len(content))) + data + content[at + len(data):]


def in_place(content, change):
    """Is this a record that is written over, old or new?"""
    kind, at, data = change
    return kind == "write" and at + len(data) <= len(content) \
        and at // SECTOR == (at + len(data) - 1) // SECTOR


def torn(content, change):
    """Parts of a write that may be on disk: some that tell much, and all others."""
    kind, at, data = change
    if kind != "write" or len(data) < 2:
        return [], []
    if in_place(content, change):
        return [], []
    lines, start = [], 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        lines.append((start, end))
        start = end
    telling = [end for _, end in lines[:-1]] + [(lines[-1][0] + lines[-1][1]) // 2]
    further = [cut for start, end in lines
               for cut in (start + 1, (start + end) // 2, end - 1)]
    if len(data) <= EVERY_BYTE:
        further = range(1, len(data))
    else:
        further += range(lines[-1][0] + 1, len(data), 16)
    return tuple([changed(content, (kind, at, data[:cut])) for cut in cuts if 0 < cut < len(data)]
                 for cuts in (telling, further))


class Directory:
    """Names: those on disk, and what was done to them since."""

    def __init__(self):
        self.durable, self.pending, self.path = {}, [], None

    def change(self, *change):
        self.pending.append(change)

    def sync(self):
        self.durable, self.pending = self.names(len(self.pending)), []

    def names(self, changes):
        """After the first so many changes."""
        names = dict(self.durable) if changes else self.durable
        for kind, name, what in self.pending[:changes]:
            if kind == "add":
                names[name] = what
            elif kind == "remove":
                names.pop(name, None)
            else:
                names[what] = names.pop(name)
        return names

    def now(self):
        return self.names(len(self.pending))

    def left(self):
        return [self.names(changes) for changes in range(len(self.pending) + 1)]


class Disk:
    """Everything under a root, from a directory that is durable as it is."""

    def __init__(self, root):
        self.nodes = {}
        self.root = self._load(root, "")

    def _load(self, place, path):
        status = os.lstat(place)
        if os.path.isdir(place):
            node = Directory()
            for entry in sorted(os.listdir(place)):
                node.durable[entry] = self._load(os.path.join(place, entry),
                                                 os.path.join(path, entry))
        else:
            with open(place, "rb") as file:
                node = File(file.read())
        node.path = path
        self.nodes[status.st_ino] = node
        return node

    def apply(self, op):
        """Follow one record; False if what is on disk, or may be, is as before."""
        kind, where = op.kind, op.words
        if kind in ("mkdir", "create", "link"):
            parent, name, inode = self.nodes[int(where[0])], where[1], int(where[2])
            if kind != "link":
                self.nodes[inode] = Directory() if kind == "mkdir" else File()
            node = self.nodes[inode]
            node.path = os.path.join(parent.path, name)
            parent.change("add", name, node)
        elif kind == "tmpfile":
            self.nodes[int(where[0])] = File()
        elif kind == "rename":
            self._rename(where)
        elif kind == "unlink":
            self.nodes[int(where[0])].change("remove", where[1], None)
        elif kind == "write":
            self.nodes[int(where[0])].change(("write", int(where[1]), op.data))
        elif kind == "truncate":
            self.nodes[int(where[0])].change(("truncate", int(where[1]), b""))
        elif kind == "sync":
            self.nodes[int(where[0])].sync()
        elif kind == "syncall":
            for node in self.nodes.values():
                node.sync()
        else:
            return False
        return kind != "tmpfile"

    def _rename(self, where):
        before, after = self.nodes[int(where[0])], self.nodes[int(where[2])]
        if before is not after:
            raise ValueError("a rename from one directory to another is not modelled")
        node = before.now()[where[1]]
        node.path = os.path.join(after.path, where[3])
        before.change("move", where[1], where[3])

    def now(self):
        """path -> bytes, or None for a directory: what is there without a cut."""
        found = {}

        def walk(directory):
            for name, node in directory.now().items():
                path = os.path.join(directory.path, name)
                found[path] = None if isinstance(node, Directory) else node.now()
                if isinstance(node, Directory):
                    walk(node)
        walk(self.root)
        return found


# -- what a cut leaves ------------------------------------------------------------------


def trees(directory, path=""):
    """Every tree of names: tuples of (path, File or None)."""
    for names in directory.left():
        fixed = tuple((os.path.join(path, name), node) for name, node in names.items()
                      if isinstance(node, File))
        below = [[((os.path.join(path, name), None), *tree)
                  for tree in trees(node, os.path.join(path, name))]
                 for name, node in names.items() if isinstance(node, Directory)]
        for parts in itertools.product(*below):
            yield fixed + tuple(itertools.chain.from_iterable(parts))


def a_tree(directory, dice, path=""):
    """One of them, by chance."""
    tree = []
    for name, node in dice.choice(directory.left()).items():
        below = os.path.join(path, name)
        tree.append((below, node if isinstance(node, File) else None))
        if isinstance(node, Directory):
            tree += a_tree(node, dice, below)
    return tuple(tree)


def count(directory):
    """How many states there are of telling contents."""
    total = 0
    for names in directory.left():
        product = 1
        for node in names.values():
            product *= count(node) if isinstance(node, Directory) else len(node.left()[0])
        total += product
    return total


def state_of(tree, contents):
    return tuple(sorted((path, next(contents) if node is not None else None)
                        for path, node in tree))


def states(disk, most, dice):
    """The states a cut may leave now: every combination of the telling contents, if there
    are at most so many, else so many of them by chance; and each further content of a file
    beside the oldest, and beside the newest, contents of all others."""
    if count(disk.root) <= most:
        for tree in trees(disk.root):
            choices = [node.left()[0] for _, node in tree if node is not None]
            for contents in itertools.product(*choices):
                yield state_of(tree, iter(contents))
    else:
        for _ in range(most):
            tree = a_tree(disk.root, dice)
            yield state_of(tree, (dice.choice(node.left()[0]) for _, node in tree
                                  if node is not None))
    tree = newest_tree(disk.root)
    files = [node for _, node in tree if node is not None]
    for pick in (lambda node: node.durable, File.now):
        others = [pick(node) for node in files]
        yield state_of(tree, iter(others))
        for i, node in enumerate(files):
            for content in node.left()[1]:
                yield state_of(tree, iter(others[:i] + [content] + others[i + 1:]))


def newest_tree(directory, path=""):
    tree = []
    for name, node in directory.now().items():
        below = os.path.join(path, name)
        tree.append((below, node if isinstance(node, File) else None))
        if isinstance(node, Directory):
            tree += newest_tree(node, below)
    return tuple(tree)
