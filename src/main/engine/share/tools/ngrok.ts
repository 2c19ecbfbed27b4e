import path from 'node:path'
import { usualPlaces } from './places.js'
import { ReadNgrok } from './read-ngrok.js'
import type { Tool, ToolMachine } from './tool.js'

/** https://ngrok.com/docs/agent/ */
export const ngrok: Tool = {
  tool: 'ngrok',
  title: 'ngrok',
  install: 'Install ngrok: https://ngrok.com/download',
  program: 'ngrok',
  places: (machine) => usualPlaces('ngrok', machine),
  versionArgs: ['version'],
  readVersion: (output) => /\bversion (\d[\w.-]*)/.exec(output)?.[1] ?? null,
  obstacle: async (machine) => ((await hasAccount(machine)) ? null : NO_ACCOUNT),
  ways: 2,
  plan: (program, port, way) => ({
    program,
    args: ['http', `127.0.0.1:${port}`, ...LOG_FLAGS, ...(way === 0 ? ['--inspect=false'] : [])],
    env: {},
  }),
  reader: () => {
    const output = new ReadNgrok()
    return (line) => output.read(line)
  },
}

/**
 * https://ngrok.com/docs/agent/cli; the same in version 2. Without `--inspect=false` it keeps what visitors send, their
 * passwords among it, for every user of this machine to read at its web interface.
 */
const LOG_FLAGS = ['--log', 'stdout', '--log-format', 'json', '--log-level', 'info']

const NO_ACCOUNT = {
  message: 'ngrok has no account: there is no authtoken in its configuration.',
  hint: 'Sign up at https://dashboard.ngrok.com/signup, then: ngrok config add-authtoken TOKEN',
}

/** Since the end of 2023 it is of no use without one: https://ngrok.com/docs/errors/err_ngrok_4018 */
async function hasAccount(machine: ToolMachine): Promise<boolean> {
  if ((machine.env.NGROK_AUTHTOKEN ?? '') !== '') return true
  const texts = await Promise.all(configFiles(machine).map((file) => machine.readText(file)))
  return texts.some((text) => text !== null && /^\s*authtoken:\s*["']?[^\s"'#]/m.test(text))
}

/** https://ngrok.com/docs/agent/config#default-locations, of versions 3 and 2, and of its snap */
function configFiles({ platform, env, home }: ToolMachine): string[] {
  const { join } = platform === 'win32' ? path.win32 : path.posix
  const named = env.NGROK_CONFIG === undefined ? [] : [env.NGROK_CONFIG]
  const former = join(home, '.ngrok2', 'ngrok.yml')
  if (platform === 'win32') {
    return [...named, join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'ngrok', 'ngrok.yml'), former]
  }
  if (platform === 'darwin') return [...named, join(home, 'Library/Application Support/ngrok/ngrok.yml'), former]
  const config = join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'ngrok', 'ngrok.yml')
  return [...named, config, join(home, 'snap/ngrok/current/.config/ngrok/ngrok.yml'), former]
}
