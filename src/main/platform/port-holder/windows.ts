import type { PortHolder } from './port-holder.js'

/** The process that http.sys listens under: whoever reserved the URL hides behind it. */
const SYSTEM_PID = 4

/** Asks netstat for the process and tasklist for its name. */
export async function holderByNetstat(port: number): Promise<PortHolder | null> {
  const { execa } = await import('execa')
  const { stdout } = await execa('netstat', ['-ano', '-p', 'TCP'], { timeout: 5_000 })
  const pid = parseNetstat(stdout, port)
  if (pid === null) return null
  if (pid === SYSTEM_PID) return { pid, command: 'the Windows HTTP service (http.sys)' }
  const tasks = await execa('tasklist', ['/fi', `PID eq ${pid}`, '/fo', 'csv', '/nh'], { timeout: 5_000 })
  return { pid, command: parseTasklist(tasks.stdout) ?? 'a process' }
}

/** PID that listens on the port; the state column is translated, so a foreign address of port 0 tells listeners. */
export function parseNetstat(output: string, port: number): number | null {
  for (const line of output.split(/\r?\n/)) {
    const [protocol, local, foreign, , pid] = line.trim().split(/\s+/)
    if (protocol === 'TCP' && local?.endsWith(`:${port}`) && foreign?.endsWith(':0') && pid !== undefined)
      return Number(pid)
  }
  return null
}

/** Image name of the first row of `tasklist /fo csv /nh`. */
export function parseTasklist(output: string): string | null {
  return /^"([^"]+)","\d+"/m.exec(output)?.[1] ?? null
}
