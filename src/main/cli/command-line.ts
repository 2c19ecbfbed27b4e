import { CommanderError } from 'commander'
import { Fault } from '../../shared/fault.js'
import { complain, watchOutput } from './output.js'
import { buildProgram } from './program.js'

/**
 * Carries out one invocation of `portico`.
 *
 * @param words the arguments after the program's name
 * @returns the exit code: 0 done, 1 refused or failed, 2 not a valid invocation; that of the command after `run`
 */
export async function runCommandLine(words: string[]): Promise<number> {
  const output = watchOutput()
  process.on('uncaughtException', crash)
  try {
    await buildProgram(words).parseAsync(words, { from: 'user' })
    return output.failed ? 1 : Number(process.exitCode ?? 0)
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0
    const fault = thrown instanceof CommanderError ? usageFault(thrown, words) : Fault.of(thrown)
    complain(fault)
    return fault.code === 'usage' ? 2 : 1
  }
}

/** Whatever nobody expected: one sentence and the remedy, as for everything else; `serve` has it in its log too. */
function crash(thrown: unknown): never {
  complain(Fault.of(thrown))
  process.exit(1)
}

/** Commander's own errors: their "Did you mean …" becomes the hint. */
function usageFault(error: CommanderError, words: string[]): Fault {
  const missing = error.code === 'commander.help'
  const [message = '', suggestion] = (missing ? 'a command is missing' : error.message)
    .replace(/^error: /, '')
    .split('\n')
  const command = words[0] !== undefined && /^[a-z]+$/.test(words[0]) && error.code !== 'commander.unknownCommand'
  const help = `See: portico ${command ? `${words[0]} ` : ''}--help`
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`
  return new Fault('usage', sentence, suggestion === undefined ? help : suggestion.replace(/^\(|\)$/g, ''))
}
