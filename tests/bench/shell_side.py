"""Purchases with bash, jq and flock: a loop, one file of stock, no sync."""
import json
import os

import measure
import peers

PROGRAM = os.path.join(measure.HERE, "shell", "purchase")


class Shell:
    name = "bash + jq + flock"
    note = "no sync"

    def __init__(self, _):
        absent = [command for command in ("bash", "jq", "flock") if not measure.have(command)]
        self.missing = f"there is no {' and no '.join(absent)}" if absent else None

    def run(self, folder, workload):
        with open(os.path.join(folder, "stock.json"), "w", encoding="ascii") as file:
            json.dump(workload.stock, file)
        measure.settle()
        wall, _ = measure.pipe([[PROGRAM, folder]], workload.request_lines)
        with open(os.path.join(folder, "results.ndjson"), encoding="ascii") as file:
            results = [json.loads(line) for line in file]
        with open(os.path.join(folder, "stock.json"), encoding="ascii") as file:
            left = json.load(file)
        if len(results) != len(workload.requests):
            raise measure.Failed(f"{self.name}: {len(results)} results")
        peers.check(self.name, workload, {result["request"]: result["status"] == "created"
                                          for result in results}, left)
        return wall
