/** setpgid(2), by way of setsid(2): what the child starts stays in its group, unless it asks to leave. */
export const POSIX_SPAWN = { detached: true, windowsHide: true } as const

export const POSIX_SHELL = ['/bin/sh', '-c'] as const

/**
 * Signals a process group, with kill(2).
 *
 * @param members who is alive in the group; asked only when the answer of kill(2) leaves it open
 * @returns false when nobody is there
 */
export async function signalProcessGroup(
  group: number,
  signal: NodeJS.Signals,
  members: (group: number) => Promise<number[]>,
): Promise<boolean> {
  if (!isGroup(group)) return false
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return false
    // Of a group that changed its user, and on macOS also of one that has zombies only.
    if (code === 'EPERM') return (await members(group)).length > 0
    throw error
  }
}

/** False when a group surely has no member, neither alive nor a zombie. */
export function mayHaveMembers(group: number): boolean {
  if (!isGroup(group)) return false
  try {
    process.kill(-group, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** To kill(2), -0 is the caller's own group, and -1 is everybody. */
function isGroup(group: number): boolean {
  return Number.isInteger(group) && group > 1 && group < 2 ** 31
}
