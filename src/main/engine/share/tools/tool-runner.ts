/** How one run of a tool is started. */
export interface ToolPlan {
  /** absolute */
  program: string
  args: readonly string[]
  /** what is added to the environment that the person's terminals have */
  env: Readonly<Record<string, string>>
  /** names of what is left out of it */
  withoutEnv?: RegExp
}

export interface ToolExit {
  code: number | null
  signal: string | null
}

export interface ToolRun {
  readonly pid: number
  /** never rejects; the tool itself has ended and all its lines were given, others of its group may live on */
  readonly exited: Promise<ToolExit>
  /**
   * Ends it with all that it has started: it is asked to, and ended by force when it has not after a while. May be called
   * again, and of one that has ended.
   *
   * @param graceMs how long it is given; 0 ends it by force at once
   */
  end(graceMs: number): Promise<void>
}

/**
 * Starts programs that belong to the gateway: each in a group of its own, noted where the next gateway finds them when
 * this one is killed.
 */
export interface ToolRunner {
  /**
   * @param name for the note and the log: the tool's
   * @param onLine is given each line without its end, as printed
   * @throws NotRunnable when trying again would not help, as when the program is not there any more; Error otherwise
   */
  start(name: string, plan: ToolPlan, onLine: (line: string) => void): Promise<ToolRun>
}
