import { homedir } from 'node:os'
import { runProgram } from '../plan/run-program.js'
import type { Platform } from '../platform.js'
import type { Machine } from './machine.js'

/** The machine that this process runs on. */
export function thisMachine(platform: Platform): Machine {
  return { platform, env: process.env, home: homedir(), root: '', run: runProgram }
}
