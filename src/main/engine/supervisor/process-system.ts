/** One process as the system tells of it. */
export interface ProcessInfo {
  pid: number
  ppid: number
  /** process group (POSIX); null where there are none */
  group: number | null
  /** names one run of a pid: start time in a form that is stable for the life of the process and differs after the pid is reused */
  birth: string
  /** processor time used so far, milliseconds, user and system */
  cpuMs: number
  /** resident memory, bytes */
  rssBytes: number
  /** the command line, or the name where that is not to be had */
  command: string
}

export interface ProcessSystem {
  /** Every process of this machine that may be seen. */
  list(): Promise<ProcessInfo[]>
  /** The given ones that are alive. Cheaper than `list` where the system allows it. */
  find(pids: readonly number[]): Promise<ProcessInfo[]>
  /**
   * How a child must be started so that it and its descendants can be ended together (POSIX: detached, a group of its own;
   * Windows: not detached, ended by tree).
   */
  readonly spawnOptions: { detached: boolean; windowsHide: boolean }
  /**
   * Signals a child's whole group or tree. Never throws for one that is gone.
   * @returns false when nobody was there to hear
   */
  signalGroup(pid: number, signal: NodeJS.Signals): Promise<boolean>
  /** pids of the group or tree of a leader, itself included, that are alive (zombies are not) */
  groupMembers(pid: number): Promise<number[]>
  /** the shell that runs a command line, as program and arguments before the command: ["/bin/sh","-c"] or ["cmd.exe","/d","/s","/c"] */
  readonly shell: readonly string[]
}
