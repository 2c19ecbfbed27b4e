import type { AppStatus, Listener, Problem, Status } from '../../shared/contract.js'
import { formatAuthority } from '../../shared/hostname.js'
import type { ProcessStatus } from '../../shared/window-schemas.js'
import { plain } from './escape.js'
import { styled } from './output.js'
import { formatState } from './process-state.js'

/** `https://127.0.0.1:443` */
export function formatListener({ protocol, address, port, publicPort }: Listener): string {
  const reached = publicPort === undefined ? '' : `, reached at port ${publicPort}`
  return `${protocol}://${formatAuthority(address, port)}${reached}`
}

/** One line per app: name, URLs, what is behind them, and how its process is where that is known. */
export function formatApps(apps: readonly AppStatus[], processes: readonly ProcessStatus[] = []): string[] {
  const width = Math.max(0, ...apps.map(({ name }) => name.length))
  return apps.map(({ name, enabled, urls, target, whilePid }) => {
    const where = enabled ? styled('green', plain(urls.join(' '))) : styled('dim', 'disabled')
    const process = processes.find(({ app }) => app === name)
    const state = process === undefined ? '' : `  ${formatState(process)}`
    const until = whilePid === undefined ? '' : styled('dim', `  while process ${whilePid} runs`)
    return `${plain(name.padEnd(width))}  ${where} -> ${plain(target)}${state}${until}`
  })
}

/** `apps[2].routes[0].path: must begin with "/"` */
export function formatProblem({ path, message }: Problem): string {
  return plain(path === '' ? message : `${path}: ${message}`)
}

/** The status as a person reads it, in lines. */
export function formatStatus(status: Status): string[] {
  const { state, version, pid, uptimeMs, listeners, apps, configError, warnings } = status
  return [
    `Portico ${version} is ${styled('bold', state)} (process ${pid}, up ${formatUptime(uptimeMs)})`,
    ...listeners.map((listener) => `  ${formatListener(listener)}`),
    ...(state === 'paused' ? ['  It listens nowhere. Turn it on with: portico resume'] : []),
    ...warnings.map((warning) => `  ${styled('yellow', 'Note:')} ${formatProblem(warning)}`),
    apps.length === 0 ? 'No apps yet.' : 'Apps:',
    ...formatApps(apps).map((line) => `  ${line}`),
    `Config: ${plain(status.configFile)}`,
    ...(configError === null ? [] : formatConfigError(configError).map((line) => `  ${styled('red', line)}`)),
    `Data:   ${plain(status.dataDir)}`,
    `CA:     ${plain(status.caFile)}`,
  ]
}

/** Why the config file is not the one that is served: a sentence, and each problem when there is more to say. */
export function formatConfigError({ message, problems }: { message: string; problems: Problem[] }): string[] {
  return [plain(message), ...problems.map((problem) => `  ${formatProblem(problem)}`)]
}

/** `3 d 4 h`, `5 m 10 s`, `12 s`: the two largest units. */
export function formatUptime(milliseconds: number): string {
  let rest = Math.floor(milliseconds / 1000)
  const parts: string[] = []
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count} ${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const
