/** A listening socket as lsof(8) reports it. */
export interface Lsof {
  pid: number
  command: string
  address: string
  port: number
}

/** Reads `lsof -Fpcnt`: a line per field, its first character says which; `p` begins a process, `t` a file of it. */
export function parseListeners(output: string): Lsof[] {
  const listeners: Lsof[] = []
  let pid = Number.NaN
  let command = ''
  let wildcard = '0.0.0.0'
  for (const [field, value] of fields(output)) {
    if (field === 'p') pid = Number(value)
    else if (field === 'c') command = value
    else if (field === 't') wildcard = value === 'IPv6' ? '::' : '0.0.0.0'
    else if (field === 'n') {
      const [, address = '', port] = /^(.+):(\d+)$/.exec(value) ?? []
      if (port === undefined) continue
      listeners.push({ pid, command, address: decodeAddress(address, wildcard), port: Number(port) })
    }
  }
  return listeners
}

/** Reads `lsof -d cwd -Fpn`: the working directory of each process. */
export function parseFolders(output: string): Map<number, string> {
  const folders = new Map<number, string>()
  let pid = Number.NaN
  for (const [field, value] of fields(output)) {
    if (field === 'p') pid = Number(value)
    // Where it may not look, it says why in brackets behind the path, or instead of one.
    else if (field === 'n' && value.startsWith('/') && !/ \([^()]+: [^()]+\)$/.test(value)) folders.set(pid, value)
  }
  return folders
}

function fields(output: string): [field: string, value: string][] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.charAt(0), unescaped(line.slice(1))])
}

function decodeAddress(address: string, wildcard: string): string {
  if (address === '*') return wildcard
  return address.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:(?=\d+\.)/, '')
}

/** Bytes that its locale cannot show are written `\xc3`, and a backslash twice. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/(?:\\x[0-9a-f]{2})+|\\\\/g, (escaped) =>
    escaped === '\\\\' ? '\\' : Buffer.from(escaped.replaceAll('\\x', ''), 'hex').toString('utf8'),
  )
}
