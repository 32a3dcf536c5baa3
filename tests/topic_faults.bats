# Services and publishers without space, or on a disk that fails, at any call: what was said holds,
# and the next run completes what is missing.
load lib
load served
load traced
load faulted

@test "each service without space at any call" {
    prepare
    for service in "${services[@]}"; do at_every_call "$service" "$changing" error=ENOSPC; done
}

@test "each service with a disk that fails at any call" {
    prepare
    for service in "${services[@]}"; do
        at_every_call "$service" write,pwrite64,fsync,fdatasync,syncfs error=EIO
    done
}

@test "evbuy without space, or with a disk that fails, tells nothing that is not so" {
    submit_at_every_call "$changing" error=ENOSPC
    submit_at_every_call write,pwrite64,fsync,fdatasync,syncfs error=EIO
}
