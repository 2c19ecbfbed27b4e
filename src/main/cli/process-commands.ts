import { Fault } from '../../shared/fault.js'
import type { ProcessStatus } from '../../shared/window-schemas.js'
import type { ControlClient } from '../engine/control/control-client.js'
import { plain, plainJson } from './escape.js'
import { formatProcesses, inTime } from './format-processes.js'
import { withEngine } from './locate.js'
import { print } from './output.js'
import { formatState } from './process-state.js'
import type { CommonOptions } from './program.js'
import { untilUnwanted } from './until-unwanted.js'

/** `portico app start|stop|restart`: returns when the process is ready, or all of it has ended. */
export async function changeProcess(
  change: 'start' | 'stop' | 'restart',
  name: string,
  options: CommonOptions,
): Promise<void> {
  await withEngine(options, async (engine) => {
    const status = await engine.call(`app.${change}`, { name }).catch(async (thrown) => {
      throw withLastLines(Fault.of(thrown), await processOf(engine, name))
    })
    const reached = change === 'stop' ? status.state === 'stopped' : status.state === 'running'
    if (!reached) throw withLastLines(notReached(change, status), status)
    print(change === 'stop' ? `${plain(name)} ${formatState(status)}` : await runningLine(engine, status))
  })
}

/** `portico ps`; with --watch it is drawn anew at each change, until SIGINT. */
export async function listProcesses(options: CommonOptions & { json?: boolean; watch?: boolean }): Promise<void> {
  if (options.watch === true && (options.json === true || !process.stdout.isTTY)) {
    throw new Fault('usage', '--watch draws on a terminal only, and not JSON.', 'Leave --watch out.')
  }
  await withEngine(options, async (engine) => {
    if (options.watch === true) return watch(engine)
    const processes = await engine.call('processes.list', {})
    if (options.json === true) print(plainJson(processes))
    else for (const line of formatProcesses(processes, Date.now())) print(line)
  })
}

async function watch(engine: ControlClient): Promise<void> {
  const interrupted = untilUnwanted()
  const draw = (processes: readonly ProcessStatus[]) => {
    const lines = formatProcesses(processes, Date.now()).slice(0, Math.max(2, process.stdout.rows - 1))
    process.stdout.write(`\x1b[H\x1b[J${lines.join('\n')}\n`)
  }
  engine.on('processes', draw)
  draw(await engine.call('processes.list', {}))
  const ended = await Promise.race([interrupted, engine.closed.then(() => 'gone' as const)])
  if (ended === 'gone') throw new Fault('not-running', 'Portico has stopped.', 'Start it with: portico serve')
}

/** `shop ● running: https://shop.localhost:4443 (port 4123, process 812)` */
async function runningLine(engine: ControlClient, status: ProcessStatus): Promise<string> {
  const apps = await engine.call('app.list', {})
  const url = apps.find(({ name }) => name === status.app)?.urls[0]
  const facts = [
    ...(status.port === null ? [] : [`port ${status.port}`]),
    ...(status.pid === null ? [] : [`process ${status.pid}`]),
  ]
  const where = url === undefined ? '' : `: ${plain(url)}`
  return `${plain(status.app)} ${formatState(status)}${where}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
}

async function processOf(engine: ControlClient, name: string): Promise<ProcessStatus | null> {
  const processes = await engine.call('processes.list', {}).catch(() => [])
  return processes.find(({ app }) => app === name) ?? null
}

function notReached(change: string, { app, state, reason }: ProcessStatus): Fault {
  const message = `The app "${app}" is ${state}${reason === null ? '' : `: ${reason.replace(/\.$/, '')}`}.`
  return new Fault('process-failed', message, change === 'stop' ? 'See: portico ps' : seeOutput(app))
}

/** What it printed last says more than any reason; the whole output is one command away. */
function withLastLines(fault: Fault, status: ProcessStatus | null): Fault {
  if (fault.code !== 'process-failed' || status === null) return fault
  const { app, exit, nextStartAt } = status
  const again = nextStartAt === null ? '' : ` It is started again ${inTime(Date.parse(nextStartAt) - Date.now())}.`
  const lines = exit?.lastLines.map((line) => `  ${line}`) ?? []
  const message = [fault.message.split('\n')[0] + again, ...lines].join('\n')
  return new Fault(fault.code, message, lines.length === 0 ? fault.hint : seeOutput(app))
}

function seeOutput(app: string): string {
  return `See all that it printed: portico logs --app ${app} --output`
}
