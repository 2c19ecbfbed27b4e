import type { ProcessConfig } from '../../../shared/config.js'

export interface EnvDraft {
  name: string
  value: string
}

/** What the form shows of a process: text as typed. What the form has no field for is kept in `rest`. */
export interface ProcessDraft {
  command: string
  cwd: string
  /** empty for the default */
  start: string
  port: string
  idleStop: string
  /** names, with commas or spaces between */
  dependsOn: string
  env: EnvDraft[]
  readyWhen: string
  /** empty for the default */
  stopSignal: string
  rest: Record<string, unknown>
}

export const EMPTY_PROCESS: ProcessDraft = {
  command: '',
  cwd: '',
  start: '',
  port: '',
  idleStop: '',
  dependsOn: '',
  env: [],
  readyWhen: '',
  stopSignal: '',
  rest: {},
}

/** What the form shows of a process. */
export function processDraftOf(process: ProcessConfig): ProcessDraft {
  const { command, cwd, start, port, idleStop, dependsOn, env, readyWhen, stopSignal, ...rest } = process
  return {
    command: typeof command === 'string' ? command : JSON.stringify(command),
    cwd: cwd ?? '',
    start: start ?? '',
    port: port === undefined ? '' : String(port),
    idleStop: idleStop ?? '',
    dependsOn: (dependsOn ?? []).join(', '),
    env: Object.entries(env ?? {}).map(([name, value]) => ({ name, value })),
    readyWhen: readyWhen ?? '',
    stopSignal: stopSignal ?? '',
    rest,
  }
}

/** The process that a draft stands for, as it would be written in the config file; not yet checked. */
export function processOf(draft: ProcessDraft): Record<string, unknown> {
  const { command, cwd, start, port, idleStop, dependsOn, env, readyWhen, stopSignal, rest } = draft
  const names = dependsOn.split(/[\s,]+/).filter((name) => name !== '')
  const variables = env.filter(({ name, value }) => name.trim() !== '' || value !== '')
  return {
    command: commandOf(command.trim()),
    ...given('cwd', cwd.trim()),
    ...given('start', start),
    ...(port.trim() === '' ? {} : { port: portOf(port.trim()) }),
    ...given('idleStop', idleStop.trim()),
    ...(names.length === 0 ? {} : { dependsOn: names }),
    ...(variables.length === 0
      ? {}
      : { env: Object.fromEntries(variables.map(({ name, value }) => [name.trim(), value])) }),
    ...given('readyWhen', readyWhen),
    ...given('stopSignal', stopSignal),
    ...rest,
  }
}

/** The first name that stands in two rows, of which only the later would count; null when there is none. */
export function doubledName(env: readonly EnvDraft[]): string | null {
  const names = env.map(({ name }) => name.trim()).filter((name) => name !== '')
  return names.find((name, at) => names.indexOf(name) !== at) ?? null
}

/** What begins as a list and is none yet stays text, which a shell would take as well. */
function commandOf(text: string): unknown {
  if (!text.startsWith('[')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function portOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text
}

function given(key: string, value: string): Record<string, string> {
  return value === '' ? {} : { [key]: value }
}
