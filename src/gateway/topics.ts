/** What a process that holds a client of this uid is subscribed to. */
export function uidTopic(uid: string): string {
  return `uid:${uid}`;
}

/** What a process that holds a member of this group is subscribed to. */
export function groupTopic(group: string): string {
  return `group:${group}`;
}
