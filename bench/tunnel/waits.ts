import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const DEADLINE_MS = 20_000

/** Resolves when something accepts connections at a port of 127.0.0.1. */
export async function untilListening(port: number): Promise<void> {
  await until(() => canConnect(port), `nothing listens at port ${port}`)
}

/** @returns what a program has printed, which matches */
export async function untilPrinted(file: string, pattern: RegExp): Promise<string> {
  let text = ''
  await until(async () => {
    text = await readFile(file, 'utf8')
    return pattern.test(text)
  }, `${file} has nothing like ${pattern}`)
  return text
}

async function until(condition: () => Promise<boolean>, failure: string): Promise<void> {
  const end = performance.now() + DEADLINE_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(failure)
    await delay(20)
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    const settle = (found: boolean) => {
      resolve(found)
      socket.destroy()
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}
