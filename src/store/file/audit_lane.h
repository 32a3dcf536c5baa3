/*
 * audit_lane.h -- a lane of a topic while it is audited: audit_topics.c, audit_groups.c.
 */
#ifndef AUDIT_LANE_H
#define AUDIT_LANE_H

#include "store/file/audit_file.h"
#include "store/topic_look.h"

struct topic_audit {
    struct audit *audit;
    struct slice topic;
    int directory;
};

struct lane_audit {
    const struct topic_audit *topic;
    unsigned lane;
    int directory;
    uint64_t first, end;        /* messages that are kept */
};

/* From errno; the fault names the lane. */
int lane_failed(const struct lane_audit *lane, struct fault *why);

/* A fault is told, unless it ends the audit: 0 or -1.  What is gone meanwhile is none of ours. */
int topic_told(struct audit *audit, const struct fault *why);

/* Where the groups are in a lane that was read. */
int audit_groups(struct lane_audit *lane, const struct look_names *groups, struct fault *why);

#endif
