"""Purchases in Redis: each an atomic call, on disk before it is answered."""
import os

import measure
import peers
import redis_side


class RedisPurchases:
    name = "Redis"
    note = "appendfsync always"

    def __init__(self, folder):
        self.program = os.path.join(folder, "purchase")
        self.missing = redis_side.absent() or peers.build(
            self.program, ["redis/purchase.c", "redis/server.c", "peer/wish.c"], ["hiredis"])

    def run(self, folder, workload, batch):
        """Seconds for the whole workload, `batch` calls at once."""
        script = os.path.join(redis_side.SOURCE, "purchase.lua")
        redis = redis_side.Redis(os.path.join(folder, "redis"), None)
        try:
            redis.add_stock(workload.stock)
            measure.settle()
            wall, _ = measure.pipe([[self.program, redis.socket, script, str(batch)]],
                                   workload.request_lines)
            redis.verify(workload)
        finally:
            redis.stop()
        return wall
