import { z } from 'zod'
import { FAULT_CODES } from './fault.js'
import { settingsPatchSchema, settingsSchema } from './preferences.js'

/**
 * What the window asks of the desktop shell itself, beside the engine's contract and in the same form. A browser panel
 * has no shell: there these names do not exist.
 */

const none = z.strictObject({})

/** How the engine's process is. `reason` says why it is not serving; null when nothing went wrong. */
export const engineStateSchema = z.object({
  state: z.enum(['starting', 'running', 'restarting', 'failed', 'stopping', 'stopped']),
  reason: z.object({ code: z.enum(FAULT_CODES), message: z.string(), hint: z.string().optional() }).nullable(),
})

export const SHELL_COMMANDS = {
  /** starts the engine when it is stopped, and tries again at once when it failed */
  'engine.start': { params: none, result: none },
  'settings.get': { params: none, result: settingsSchema },
  'settings.set': { params: settingsPatchSchema, result: settingsSchema },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>

/** Payload of the event `engine`: sent on subscribing and then on every change. */
export type EngineState = z.output<typeof engineStateSchema>
export type ShellCommandName = keyof typeof SHELL_COMMANDS
export type ShellExecutors = {
  [N in ShellCommandName]: (
    params: z.output<(typeof SHELL_COMMANDS)[N]['params']>,
  ) => z.output<(typeof SHELL_COMMANDS)[N]['result']>
}
