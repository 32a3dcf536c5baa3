# traced.bash -- what a process writes and syncs, in its order. Loaded behind lib.

calls=write,pwrite64,writev,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat

# trace COMMAND...: how it writes and syncs, each file by its name, in the file trace.
trace() { strace -f -y -s 0 -o trace -e "trace=$calls" "$@"; }

# synced_before WHAT FILE: of what was written to FILE nothing was unsynced when WHAT
# happened, or at the end; both are patterns. It did happen.
synced_before() {
    awk -v what="$1" -v file="$2" '
        what != "end" && $0 ~ what { happened = 1; if (dirty) early = 1 }
        /write[a-z0-9]*\([0-9]+</ && $0 ~ "<[^>]*" file ">" { dirty = 1 }
        /f(data)?sync\(/ && $0 ~ "<[^>]*" file ">" || /syncfs\(/ { dirty = 0; synced = 1 }
        END {
            if (what == "end") { happened = 1; early = dirty }
            if (!happened || !synced || early) {
                print "happened: " happened + 0 ", synced: " synced + 0 ", too early: " early + 0
                exit 1
            }
        }' trace || { cat trace; return 1; }
}

told='write\(1<'
