import path from 'node:path'
import type { RunProgram } from '../plan/run-program.js'

/** Windows' own web server is part of its kernel, which is this process. */
export const KERNEL_PID = 4

/**
 * For whom Windows' web server (http.sys) listens on a port, as `http.sys of Windows, for w3wp (PID 5544)`.
 *
 * @param run runs netsh, which may be asked by everybody
 */
export async function describeHttpSys(port: number, run: RunProgram): Promise<string> {
  const { stdout } = await run('netsh.exe', ['http', 'show', 'servicestate', 'view=requestq'])
  const owner = httpSysOwner(stdout, port)
  return owner === null ? 'http.sys of Windows (IIS, or another service)' : `http.sys of Windows, for ${owner}`
}

/** Who registered a URL with this port, in what netsh prints; its words are translated, its shape is not. */
export function httpSysOwner(output: string, port: number): string | null {
  const queues = output.split(/\r?\n(?=\S)/)
  const queue = queues.find((text) => new RegExp(`^\\s*https?://[^/\\s]*:${port}(:|/)`, 'im').test(text))
  const [, pid, image] = /^\s+\S+: (\d+), [^:]+: (.+)$/m.exec(queue ?? '') ?? []
  if (pid !== undefined && image !== undefined) {
    return `${path.win32.basename(image.trim()).replace(/\.exe$/i, '')} (PID ${pid})`
  }
  const [, name] = /^[^:\n]+: (\S.*)$/m.exec(queue ?? '') ?? []
  return name === undefined ? null : `the request queue ${name.trim()}`
}
