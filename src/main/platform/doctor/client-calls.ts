import path from 'node:path'
import type { ClientId, ClientTarget } from '../../../shared/doctor-facts.js'
import type { ProgramResult } from '../plan/run-program.js'
import type { Machine } from '../trust-store/machine.js'

/** How a client is made to ask, and how to read what it says. */
export interface ClientCall {
  /** names to look for in PATH, or absolute paths */
  programs(machine: Machine): string[]
  /** @param folder for whatever it writes; `hosts` in it is a hosts file with the target */
  args(target: ClientTarget, folder: string): string[]
  env(target: ClientTarget): Record<string, string>
  accepted(result: ProgramResult): boolean
  /** why it did not, on one line */
  said(result: ProgramResult): string
}

const SECONDS = 10

const usual = {
  env: () => ({}),
  accepted: ({ exitCode }: ProgramResult) => exitCode === 0,
  said: ({ stderr, stdout, exitCode }: ProgramResult) => line(stderr) || line(stdout) || `it ended with ${exitCode}`,
}

export const CLIENT_CALLS: Record<ClientId, ClientCall> = {
  curl: {
    ...usual,
    programs: named('curl'),
    args: ({ host, address, port }) => [
      // The first: what ~/.curlrc says about certificates is part of what is asked, but not its proxy.
      ...['--silent', '--show-error', '--noproxy', '*', '--max-time', String(SECONDS), '--output', nowhere()],
      ...['--resolve', `${host}:${port}:${bracketed(address)}`, `https://${host}:${port}/`],
    ],
    said: ({ stderr, exitCode }) =>
      stderr
        .split('\n', 1)[0]
        ?.replace(/^curl: /, '')
        .trim() || `it ended with ${exitCode}`,
  },
  openssl: {
    ...usual,
    programs: named('openssl'),
    args: ({ host, address, port }) => [
      ...['s_client', '-connect', `${bracketed(address)}:${port}`, '-servername', host],
      ...['-verify_hostname', host, '-verify_return_error'],
    ],
    said: ({ stdout, stderr }) =>
      /^(?:Verification error|verify error:\w*).*$/m.exec(`${stdout}\n${stderr}`)?.[0] ?? line(stderr),
  },
  node: {
    ...usual,
    programs: ({ platform }) =>
      /^node(\.exe)?$/.test(path.basename(process.execPath))
        ? [process.execPath]
        : [platform === 'win32' ? 'node.exe' : 'node'],
    args: ({ host, address, port }) => ['-e', NODE, host, address, String(port)],
    env: ({ caFile }): Record<string, string> => (caFile === null ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
  },
  python: {
    ...usual,
    programs: ({ platform }) => (platform === 'win32' ? ['python.exe', 'py.exe'] : ['python3', 'python']),
    args: ({ host, address, port }) => ['-c', PYTHON, host, address, String(port)],
  },
  java: {
    ...usual,
    programs: named('keytool'),
    // It is in every runtime, fetches with the JDK's own client, and complains of what it gets, which is no list.
    args: ({ host, port }, folder) => [
      `-J-Djdk.net.hosts.file=${path.join(folder, 'hosts')}`,
      ...['-J-Dsun.net.client.defaultReadTimeout=8000', '-J-Duser.language=en'],
      ...['-printcrl', '-file', `https://${host}:${port}/`],
    ],
    accepted: ({ stdout, stderr }) =>
      /keytool error/.test(stdout + stderr) &&
      !/javax\.net\.ssl|java\.net\.|SocketTimeout|UnknownHost/.test(stdout + stderr),
    said: ({ stdout, stderr }) => line(stdout + stderr).replace(/^keytool error: (?:[\w.]+Exception: )*/, ''),
  },
  chromium: {
    ...usual,
    programs: browsers,
    args: ({ host, address, port }, folder) => [
      ...['--headless', '--disable-gpu', '--no-first-run', '--no-proxy-server', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-extensions'],
      `--user-data-dir=${path.join(folder, 'profile')}`,
      `--host-resolver-rules=MAP ${host} ${bracketed(address)}, MAP * ~NOTFOUND, EXCLUDE ${address}`,
      // It refuses to run as root otherwise; it sees this machine's own gateway and nothing else.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['--dump-dom', `https://${host}:${port}/`],
    ],
    // It ends with 0 whether or not it could load the page, and prints the page only when it could.
    accepted: ({ stdout, stderr }) => stdout.trim() !== '' && !PAGE_FAILED.test(stderr),
    said: ({ stderr, exitCode }) => PAGE_FAILED.exec(stderr)?.[1] ?? `it ended with ${exitCode} and printed no page`,
  },
}

const PAGE_FAILED = /Page load failed: (\S+)/

const NODE = `const [host, address, port] = process.argv.slice(1)
const lookup = (_name, options, done) => {
  const family = address.includes(':') ? 6 : 4
  return options.all ? done(null, [{ address, family }]) : done(null, address, family)
}
require('node:https').get({ host, port, lookup, agent: false, timeout: ${SECONDS}000 }, (answer) => {
  answer.destroy()
}).on('timeout', function () { this.destroy(new Error('timed out')) }).on('error', (error) => {
  if (error.code === 'ECONNRESET' && process.exitCode === undefined) return
  console.error(error.message + (error.code === undefined ? '' : ' (' + error.code + ')'))
  process.exitCode = 1
})`

const PYTHON = `
import socket, sys, urllib.error, urllib.request
host, address, port = sys.argv[1:4]
found = socket.getaddrinfo
socket.getaddrinfo = lambda name, *rest, **named: found(address, *rest, **named)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    opener.open('https://%s:%s/' % (host, port), timeout=${SECONDS})
except urllib.error.HTTPError:
    pass
except Exception as error:
    sys.exit(str(getattr(error, 'reason', error)))
`

function named(...names: string[]): (machine: Machine) => string[] {
  return ({ platform }) => names.map((name) => (platform === 'win32' ? `${name}.exe` : name))
}

function browsers({ platform, env }: Machine): string[] {
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    )
  }
  if (platform !== 'win32')
    return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
  const roots = [env.ProgramFiles, env['ProgramFiles(x86)']].filter((root) => root !== undefined)
  const places = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe']
  return roots.flatMap((root) => places.map((place) => `${root}\\${place}`))
}

function nowhere(): string {
  return path.sep === '\\' ? 'NUL' : '/dev/null'
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function line(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 300)
}
