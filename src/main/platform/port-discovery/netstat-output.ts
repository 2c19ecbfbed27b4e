/** A socket that listens, as netstat of Windows has it. */
export interface NetstatRow {
  address: string
  port: number
  pid: number
}

export interface Win32Process {
  pid: number
  /** name of its program, without path and `.exe` */
  command: string
  commandLine: string | null
}

/** Listeners of `netstat -ano`; the state column is translated, so a foreign address of port 0 tells them. */
export function parseNetstat(output: string): NetstatRow[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [protocol, local = '', foreign, , pid] = line.trim().split(/\s+/)
    const [, address = '', port] = /^(.+):(\d+)$/.exec(local) ?? []
    if (protocol !== 'TCP' || port === undefined || !foreign?.endsWith(':0') || pid === undefined) return []
    return [{ address: address.replace(/^\[(.*)\]$/, '$1'), port: Number(port), pid: Number(pid) }]
  })
}

/** Rows of `tasklist /fo csv /nh`. */
export function parseTasklist(output: string): Win32Process[] {
  return [...output.matchAll(/^"([^"]+)","(\d+)"/gm)].map(([, image = '', pid]) => ({
    pid: Number(pid),
    command: withoutExe(image),
    commandLine: null,
  }))
}

/** `Get-CimInstance Win32_Process | ConvertTo-Json`: an object for one process, an array for several, nothing for none. */
export function parseWin32Processes(output: string): Win32Process[] {
  if (output.trim() === '') return []
  const value: unknown = JSON.parse(output.trim()) // Windows PowerShell may begin with a byte order mark
  return (Array.isArray(value) ? value : [value]).map(
    ({ ProcessId, Name, CommandLine }: { ProcessId: number; Name: string; CommandLine: string | null }) => ({
      pid: ProcessId,
      command: withoutExe(Name),
      commandLine: CommandLine,
    }),
  )
}

function withoutExe(image: string): string {
  return image.replace(/\.exe$/i, '')
}
