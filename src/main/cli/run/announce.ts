import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { currentPlatform } from '../../platform/platform.js'
import { portScanner } from '../../platform/port-discovery/port-discovery.js'
import { processSystem } from '../../platform/process-table/process-system.js'
import { plain } from '../escape.js'
import { note, styled } from '../output.js'
import { descendants } from './descendants.js'
import type { Foreground } from './foreground.js'
import type { PreparedRun } from './prepare-run.js'

const LOOK_MS = 100
/** After so long without an answer, it is said where the command listens instead. */
const PATIENCE_MS = 10_000

/** Says the address of the app once its port answers: `https://shop.localhost -> node server.js (port 4123)`. */
export async function announce({ url, plan }: PreparedRun, command: string, running: Foreground): Promise<void> {
  let impatient = Date.now() + PATIENCE_MS
  while (!running.over.aborted) {
    if (await answers(plan.port)) {
      if (!running.over.aborted) note(`${styled('cyan', plain(url))} -> ${plain(command)} (port ${plan.port})`)
      return
    }
    if (Date.now() > impatient) {
      impatient = Number.POSITIVE_INFINITY
      note(await whereInstead(running.pid, plan.port))
    }
    await delay(LOOK_MS, null, { signal: running.over }).catch(() => undefined)
  }
}

async function whereInstead(pid: number, port: number): Promise<string> {
  const ports = await listeningPorts(pid).catch(() => [])
  const found = ports.find((one) => one !== port)
  if (found === undefined) return `Nothing answers on port ${port} yet. The command should listen on the port in PORT.`
  return `The command listens on port ${found}, not on ${port}: run it with --port ${found}, or have it read PORT.`
}

/** Of the command and all that it has started. */
async function listeningPorts(pid: number): Promise<number[]> {
  const platform = currentPlatform()
  const [sockets, processes] = await Promise.all([portScanner(platform).scan(), processSystem(platform).list()])
  const own = new Set(descendants(pid, processes))
  return sockets.filter(({ process }) => process !== null && own.has(process.pid)).map(({ port }) => port)
}

async function answers(port: number): Promise<boolean> {
  return (await accepts('127.0.0.1', port)) || (await accepts('::1', port))
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
