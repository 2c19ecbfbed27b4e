import type { Problem } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { formatProblem } from '../../../shared/problems.js'
import { type ConfigOnDisk, readConfigFile } from './read-config-file.js'

/** The first start has no last good config to go on with, so it is refused. */
export async function invalidAtStart(file: string, problems: Problem[]): Promise<Fault> {
  const backup = await readConfigFile(`${file}.bak`)
  const repair = `Correct the file; \`portico config check ${file}\` says when it is valid.`
  const hint =
    backup.state === 'read' && backup.parsed.ok
      ? `${repair} The content before Portico's last change is in ${file}.bak, and that is valid.`
      : repair
  return new Fault('config-invalid', listed(file, problems), hint)
}

export function unreadableAtStart(file: string, disk: Exclude<ConfigOnDisk, { state: 'read' }>): Fault {
  const message = disk.state === 'missing' ? 'was removed again by another program' : disk.problem.message
  const code = disk.state === 'missing' ? 'ENOENT' : disk.code
  const remedies: Record<string, string> = {
    EACCES: 'Give your user the right to read it, or name another file with --config.',
    EPERM: 'Give your user the right to read it, or name another file with --config.',
    EISDIR: 'Name a file, not a folder or device, with --config.',
    ENOTDIR: 'A part of its path is a file: name another file with --config.',
    EMFILE: 'Too many files are open: raise the limit (ulimit -n) and try again.',
  }
  return new Fault('config-unreadable', `${file}: ${message}.`, remedies[code] ?? 'Name another file with --config.')
}

/** A half-finished edit by hand belongs to its author and is never overwritten. */
export function lockedByInvalidFile(file: string, problems: Problem[]): Fault {
  return new Fault('config-invalid', listed(file, problems), 'Finish or undo the edit of that file, then try again.')
}

export function invalidEdit(problems: Problem[]): Fault {
  return new Fault('config-invalid', listed('The change', problems), 'Nothing was saved: correct it and try again.')
}

function listed(subject: string, problems: Problem[]): string {
  const [first, ...rest] = problems.map(formatProblem)
  if (rest.length === 0) return `${subject} is not valid: ${first}`
  return `${subject} has ${problems.length} problems:\n  ${[first, ...rest].join('\n  ')}`
}
