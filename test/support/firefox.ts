import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { UNTOLD } from './trust-clients.js'
import { within } from './wait.js'

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
/** The first start of a profile takes many seconds on a machine that is busy. */
const START_MS = 60_000
const COMMAND_MS = 30_000
const run = promisify(execFile)

/** Why no test can run in Firefox on this machine; null when it can. */
export function missingFirefox(): string | null {
  try {
    accessSync(FIREFOX, constants.X_OK)
    return null
  } catch {
    return `no Firefox at ${FIREFOX} (set FIREFOX, or install firefox-esr)`
  }
}

/** A page that was asked for: its text, or why Firefox shows none. */
export type Visit = { text: string } | { error: string }

/** A Firefox that runs, driven by WebDriver BiDi: nothing of what it thinks of certificates is overridden. */
export interface Firefox {
  visit(url: string): Promise<Visit>
  /** Runs an expression in the page, and awaits what it promises. @returns a string, a number, a boolean or null */
  evaluate(expression: string): Promise<unknown>
  /** Ends it; what it keeps in its profile has been written then. */
  close(): Promise<void>
}

/**
 * Has Firefox itself make a profile, in the home folder and where this version of it wants.
 *
 * @param preferences besides those that keep it from asking anybody on the network
 * @returns the folder of the profile
 */
export async function makeProfile(
  home: string,
  name: string,
  preferences: Record<string, string | number | boolean> = {},
): Promise<string> {
  await run(FIREFOX, ['--headless', '-CreateProfile', name], { env: environment(home), timeout: START_MS })
  const homes = [path.join(home, '.config/mozilla/firefox'), path.join(home, '.mozilla/firefox')]
  for (const folder of homes) {
    const made = (await readdir(folder).catch(() => [])).find((one) => one.endsWith(`.${name}`))
    if (made === undefined) continue
    const lines = Object.entries({ ...QUIET, ...preferences }).map(
      ([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`,
    )
    await writeFile(path.join(folder, made, 'user.js'), lines.join(''))
    return path.join(folder, made)
  }
  throw new Error(`Firefox made no profile in ${homes.join(' or ')}`)
}

/** @param profile folder, as of `makeProfile` */
export async function startFirefox(home: string, profile: string): Promise<Firefox> {
  const words = ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile]
  const child = spawn(FIREFOX, words, { env: environment(home), stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  const bidi = await Bidi.open(await within(addressOf(child), 'an address of Firefox', START_MS))
  await bidi.call('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: false } } })
  const { contexts } = (await bidi.call('browsingContext.getTree', {})) as { contexts: { context: string }[] }
  const context = contexts[0]?.context
  const evaluate = async (expression: string) => {
    const told = await bidi.call('script.evaluate', { expression, target: { context }, awaitPromise: true })
    const { result, exceptionDetails } = told as { result?: { value?: unknown }; exceptionDetails?: { text: string } }
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text)
    return result?.value ?? null
  }
  return {
    evaluate,
    visit: async (url) => {
      try {
        await bidi.call('browsingContext.navigate', { context, url, wait: 'complete' })
      } catch (error) {
        return { error: (error as Error).message }
      }
      return { text: String(await evaluate('document.body.textContent.trim()')) }
    },
    close: async () => {
      await bidi.call('browser.close', {})
      await within(ended, 'the end of Firefox', COMMAND_MS)
    },
  }
}

/** What goes by no network at all, and what would ask somebody elsewhere, is off. */
const QUIET = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.region.network.url': '',
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.search.update': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.trr.mode': 5,
  'services.settings.server': 'data:,#none',
  'toolkit.telemetry.enabled': false,
}

function environment(home: string): NodeJS.ProcessEnv {
  const { XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, ...rest } = UNTOLD
  return { ...rest, HOME: home, MOZ_CRASHREPORTER_DISABLE: '1', TMPDIR: home }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said = (said + part).slice(-10_000)
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}: ${said}`)))
  })
}

/** Commands of WebDriver BiDi, each with its answer. */
class Bidi {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: BidiAnswer) => void>()
  #count = 0

  static async open(address: string): Promise<Bidi> {
    const socket = new WebSocket(`${address}/session`, { maxPayload: 64 * 1024 * 1024 })
    await within(once(socket, 'open'), 'a session of Firefox', COMMAND_MS)
    return new Bidi(socket)
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const answer = JSON.parse(data.toString()) as BidiAnswer
      if (answer.id === undefined) return
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
  }

  /** @throws Error with what Firefox says */
  async call(method: string, params: Record<string, unknown>): Promise<unknown> {
    const id = ++this.#count
    const answered = new Promise<BidiAnswer>((resolve) => this.#waiting.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params }))
    const { type, result, error, message } = await within(answered, `${method} of Firefox`, COMMAND_MS)
    if (type === 'error') throw new Error(`${error}: ${message}`)
    return result
  }
}

interface BidiAnswer {
  id?: number
  type: 'success' | 'error' | 'event'
  result?: unknown
  error?: string
  message?: string
}
