import path from 'node:path'
import type { Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { findProgram, type Machine, realFile } from '../trust-store/machine.js'
import { OWN_FILE } from './low-ports.js'

const CAPABILITY = 'cap_net_bind_service'
const LIBRARIES = '/etc/ld.so.conf.d/portico.conf'
const SYSTEM_FOLDERS = /^\/(opt|usr)\//

/**
 * The right to listen on low ports, given to the packaged program alone (capabilities(7)). The loader looks for the
 * libraries of such a program where the system says and not beside it (ld.so(8), secure execution), so they are named
 * to it. An update of the package takes the right away again.
 *
 * @param program absolute path of the program that runs
 */
export async function capability(machine: Machine, program: string): Promise<Setting> {
  const file = await realFile(machine, program)
  const unfit = judgeProgram(file)
  const [setcap, getcap] = [await findProgram(machine, 'setcap'), await findProgram(machine, 'getcap')]
  const said = unfit === null && getcap !== null ? (await machine.run(getcap, [file])).stdout : ''
  const on = said.includes(CAPABILITY)
  const tool = setcap ?? '/usr/sbin/setcap'
  const take: Step = {
    ...{ kind: 'command', program: tool, args: ['-r', file], elevated: true, why: 'Takes the right away.' },
  }
  const libraries = `${OWN_FILE}\n${path.posix.dirname(file)}\n`
  return {
    id: 'setcap',
    title: 'Right of the program alone',
    unfit: unfit ?? (setcap === null ? 'setcap (libcap) is not installed.' : null),
    state: on ? 'on' : 'off',
    detail: on ? said.trim() : '',
    install: on
      ? []
      : [
          {
            ...{ kind: 'write-file', path: LIBRARIES, content: libraries, mode: 0o644, elevated: true },
            why: 'Where its libraries are: the loader looks beside no program that has rights.',
          },
          ldconfig(),
          {
            kind: 'command',
            program: tool,
            args: [`${CAPABILITY}=+ep`, file],
            elevated: true,
            why: 'Only this program may listen on low ports. An update takes that away.',
            undo: { program: tool, args: ['-r', file] },
          },
        ],
    uninstall: on
      ? [take, { kind: 'remove-file', path: LIBRARIES, elevated: true, why: 'Needed no more.' }, ldconfig()]
      : [],
  }
}

/** Why a program can not be given the right, or should not; null when it can. */
export function judgeProgram(file: string): string | null {
  const name = path.posix.basename(file)
  if (/^(node|nodejs|bun)$/.test(name)) return `${file} runs every script of JavaScript: all would get the right.`
  if (/^\/tmp\/\.mount_/.test(file)) return 'An AppImage is a disk that cannot be written to.'
  return SYSTEM_FOLDERS.test(file)
    ? null
    : `${file} is not installed for the whole system: who changes it gets the right.`
}

function ldconfig(): Step {
  const why = 'Makes the loader read it.'
  return { kind: 'command', program: '/usr/sbin/ldconfig', args: [], elevated: true, refresh: true, why }
}
