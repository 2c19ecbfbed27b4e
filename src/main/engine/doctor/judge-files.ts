import type { FileFacts } from '../../../shared/doctor-facts.js'
import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import { fail, fixBy, pass, warn } from './check.js'

/** Whether keys and state are this user's alone, and on a disk of this machine. */
export function judgeFiles(
  files: readonly FileFacts[],
  dataDir: string,
  networkFileSystem: string | null,
): DoctorCheck[] {
  const open = files.filter(({ mode }) => (mode & 0o077) !== 0)
  const foreign = files.filter(({ own }) => !own)
  return [
    ...open.map(({ path, folder, mode }) =>
      fail(
        `file:${path}`,
        `${path} may be read or changed by others (mode ${mode.toString(8).padStart(4, '0')}).`,
        fixBy('Makes it yours alone.', `chmod ${folder ? '700' : '600'} ${shellQuote(path)}`),
      ),
    ),
    ...foreign.map(({ path }) =>
      warn(
        `file:${path}`,
        `${path} belongs to another user.`,
        fixBy('Makes it yours.', `sudo chown -R "$(id -un)" ${shellQuote(path)}`),
      ),
    ),
    ...(networkFileSystem === null
      ? []
      : [
          warn(
            'file:system',
            `${dataDir} is on ${networkFileSystem}, where the control socket and the lock may not work.`,
            fixBy('Name a folder on a local disk with --data-dir.'),
          ),
        ]),
    ...(files.length > 0 && open.length + foreign.length === 0
      ? [pass('file', `Keys and state in ${dataDir} are this user’s alone.`)]
      : []),
  ]
}
