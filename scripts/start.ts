import path from 'node:path'
import { buildNeeded } from './build-state.ts'
import { electronRuntime, headlessReason } from './desktop.ts'
import { exitCode, projectEnv, ROOT, runTool, startNode, startProgram } from './run-step.ts'

/**
 * `npm start`: builds when that is needed and opens the desktop app. Where it cannot be shown, it says why and runs the
 * gateway in this terminal, with the same window in a browser. `npm start -- --https-port 4443`
 */

/** A terminal's Ctrl-C reaches npm, which passes it on, and this process itself: the same key press, twice. */
const SAME_KEY_PRESS_MS = 500
const PARENT_CHECK_MS = 200

process.exitCode = await start(process.argv.slice(2))

async function start(args: string[]): Promise<number> {
  if (buildNeeded(ROOT)) {
    console.log('Building Portico (once after each change of the sources) …')
    const code = await runTool('electron-vite', ['build', '--logLevel', 'warn'])
    if (code !== 0) return code
  }
  const reason = headlessReason({ platform: process.platform, env: process.env, args })
  if (reason === null) {
    console.log('Starting the desktop app …')
    const runtime = await electronRuntime(path.join(ROOT, 'node_modules/electron'), process.env)
    if (runtime !== null) return exitCode(startProgram(runtime, ['.']))
    console.log(
      'Electron cannot be had here (no network, or a platform it is not made for): starting without a window.',
    )
  } else console.log(reason)
  console.log('Starting the gateway in this terminal; Ctrl-C stops it.')
  // In a process group of its own it gets each signal once, from here.
  const gateway = startNode(['out/main/cli.js', 'serve', ...args], {
    detached: process.platform !== 'win32',
    env: projectEnv({ PORTICO_COMMAND: 'npx portico' }),
  })
  forwardSignals((signal) => gateway.kill(signal))
  endWithNpm(() => gateway.kill('SIGTERM'))
  return exitCode(gateway)
}

function forwardSignals(send: (signal: NodeJS.Signals) => void): void {
  let last = Number.NEGATIVE_INFINITY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now()
      if (now - last > SAME_KEY_PRESS_MS) send(signal)
      last = now
    })
  }
}

/** A signal that is sent to npm reaches the shell between npm and this process, which dies of it and passes nothing on. */
function endWithNpm(end: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    end()
  }, PARENT_CHECK_MS)
  watch.unref()
}
