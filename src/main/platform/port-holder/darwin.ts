import type { PortHolder } from './port-holder.js'

/** Asks lsof(8), which every macOS has. */
export async function holderByLsof(port: number): Promise<PortHolder | null> {
  const { execa } = await import('execa')
  const { stdout } = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeout: 3_000 })
  return parseLsof(stdout)
}

/** First process of lsof's field output: lines `p<pid>` and `c<command>`. */
export function parseLsof(output: string): PortHolder | null {
  const pid = /^p(\d+)$/m.exec(output)?.[1]
  const command = /^c(.+)$/m.exec(output)?.[1]
  return pid === undefined || command === undefined ? null : { pid: Number(pid), command }
}
