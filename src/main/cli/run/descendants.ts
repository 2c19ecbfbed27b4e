/** A process and all that it has started, as far as they were not handed to another parent. The root comes first. */
export function descendants(root: number, processes: readonly { pid: number; ppid: number }[]): number[] {
  const children = Map.groupBy(processes, ({ ppid }) => ppid)
  const found = new Set([root])
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid)
  return [...found]
}
