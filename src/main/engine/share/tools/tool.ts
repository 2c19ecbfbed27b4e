import type { ShareTool } from '../../../../shared/share-schemas.js'
import type { Platform } from '../../../platform/platform.js'
import type { ToolPlan } from './tool-runner.js'

/** What keeps a tool from working, and what to do about it: sentences for a person. */
export interface Obstacle {
  message: string
  hint: string
}

/** The machine, as far as one has to look at it to find tools. */
export interface ToolMachine {
  platform: Platform
  env: Readonly<Record<string, string | undefined>>
  home: string
  /** the text of a file; null when it is not there or may not be read */
  readText(file: string): Promise<string | null>
  /** whether it is a file that may be run */
  runnable(file: string): Promise<boolean>
  /** Runs a program to its end. Never rejects; `code` is null when it could not be started or took longer. */
  run(
    program: string,
    args: readonly string[],
    options: { timeoutMs: number; env?: Readonly<Record<string, string>> },
  ): Promise<ToolAnswer>
}

/** Why it will not work this time: sentences for a person, and what to make of it. */
export interface Failure {
  message: string
  hint?: string
  /** `no`: it would be the same again; `later`: it may be different; `differently`: in the next of its ways, at once */
  again: 'no' | 'later' | 'differently'
  /** the least to wait before it is tried again, in milliseconds */
  waitMs?: number
  /** nobody knows why, so it is not tried for ever */
  unexplained?: boolean
}

/** What a line of a tool's output means. */
export type ToolSign =
  /** visitors find it there now */
  | { type: 'open'; url: string }
  /** visitors do not find it now; the tool goes on trying by itself */
  | { type: 'lost'; message: string; hint?: string }
  /** the tool ends, or is ended */
  | ({ type: 'failed' } & Failure)
  /** may explain the tool's end, if nothing else does */
  | { type: 'note'; message: string }

/** @param line of standard output or error, without its end and without ANSI sequences */
export type ReadLine = (line: string) => ToolSign | null

/** A service by which an app can be shared, as the program that is installed for it. */
export interface Tool {
  readonly tool: ShareTool
  /** as people call it */
  readonly title: string
  /** how to get it, as a sentence */
  readonly install: string
  /** file name of the program, without `.exe` */
  readonly program: string
  /** where it is when PATH does not have it: absolute paths */
  places(machine: Pick<ToolMachine, 'platform' | 'env' | 'home'>): string[]
  readonly versionArgs: readonly string[]
  /** what is added to its environment */
  readonly env?: Readonly<Record<string, string>>
  /** @returns null when the program does not say one */
  readVersion(output: string): string | null
  /** What keeps it from being used, as far as that can be known without showing anything to anybody. */
  obstacle(machine: ToolMachine, program: string, version: string | null): Promise<Obstacle | null>
  /** in how many ways it can be started, such as on other ports of its service */
  readonly ways: number
  /**
   * @param port of 127.0.0.1 that is to be shown
   * @param way from 0
   */
  plan(program: string, port: number, way: number): ToolPlan
  /** Reads the output of one run. */
  reader(way: number): ReadLine
}

/** What came of a program that ran to its end. */
export interface ToolAnswer {
  code: number | null
  stdout: string
  stderr: string
}
