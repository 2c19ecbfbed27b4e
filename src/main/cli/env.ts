import { currentPlatform } from '../platform/platform.js'
import { runtimeVariables } from '../platform/trust-store/bundle.js'
import { thisMachine } from '../platform/trust-store/this-machine.js'
import { requireCertificate } from './ca-commands.js'
import { dataDirOf } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'
import { exportLine, SHELLS, type Shell } from './shell-exports.js'

export interface EnvOptions extends CommonOptions {
  shell?: Shell
}

/** `portico env`: lines by which programs of a shell trust the local CA. */
export async function env(options: EnvOptions): Promise<void> {
  const local = await requireCertificate(options)
  const machine = thisMachine(currentPlatform())
  const variables = await runtimeVariables(machine, local, dataDirOf(options))
  const shell = options.shell ?? usualShell()
  for (const [name, value] of Object.entries(variables)) print(exportLine(shell, name, value))
}

function usualShell(): Shell {
  if (currentPlatform() === 'win32') return 'powershell'
  const name = process.env.SHELL?.split('/').at(-1)
  return SHELLS.find((shell) => shell === name) ?? 'sh'
}
