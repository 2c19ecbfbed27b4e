import type { ToolSign } from './tool.js'

/** Cloudflare answers who asks too often with error 1015 for a while: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/error-1015/ */
const RATE_LIMITED_MS = 5 * 60_000
const REFUSED_MS = 60_000

const LOG_LINE = /^\d{4}-\d\d-\d\dT\S+ (DBG|INF|WRN|ERR|FTL|PNC) (.*)$/
/** in the box that it draws, and nowhere else: it names other addresses as well */
const ADDRESS = /^[|\s]*(https:\/\/(?!api\.)[a-z0-9-]+\.trycloudflare\.com)[|\s]*$/
/** the second as until 2022 */
const CONNECTED = /^(?:Registered tunnel connection|Connection \S+ registered)\b/
const LOST =
  /^(?:Unregistered tunnel connection|Lost connection with the edge|Connection terminated|Retrying connection in)\b/
const NUMBER = /\bconnIndex=(\d+)/
/** it says these whenever it has no account and no config, and on most machines */
const NOT_WORTH_A_WORD = /default origin certificate|Configuration file .* was empty|increase receive buffer size/

const NOT_REACHED = {
  message: 'cloudflared does not reach Cloudflare.',
  hint: 'This network has to let it out to port 7844, UDP or TCP.',
}
const GONE = { message: 'The connection to Cloudflare is lost.' }

/**
 * Reads what `cloudflared tunnel --url` prints. Visitors find the app when a connection is registered; the address is
 * told before.
 */
export class ReadCloudflared {
  #address: string | null = null
  /** earlier versions keep four of them */
  readonly #connections = new Set<string>()
  #wasOpen = false

  read(line: string): ToolSign | null {
    const [, level, text = ''] = LOG_LINE.exec(line) ?? [null, null, line]
    const failure = failureIn(text)
    if (failure !== null) return failure
    this.#address = ADDRESS.exec(text)?.[1] ?? this.#address
    const number = NUMBER.exec(text)?.[1] ?? '0'
    if (CONNECTED.test(text)) return this.#connected(number)
    if (LOST.test(text)) return this.#lost(number)
    if (text.startsWith('precheck complete') && text.includes('hard_fail=true')) return { type: 'lost', ...NOT_REACHED }
    const complains = level === 'ERR' || level === 'FTL' || level === 'PNC' || (level === null && text.trim() !== '')
    return complains && !NOT_WORTH_A_WORD.test(text) ? { type: 'note', message: text.trim() } : null
  }

  #connected(number: string): ToolSign | null {
    this.#connections.add(number)
    if (this.#address === null) return null
    this.#wasOpen = true
    return { type: 'open', url: this.#address }
  }

  #lost(number: string): ToolSign | null {
    this.#connections.delete(number)
    if (this.#connections.size > 0) return null
    return { type: 'lost', ...(this.#wasOpen ? GONE : NOT_REACHED) }
  }
}

/** What it ends with, or should: it would ask for ever for a tunnel that Cloudflare has forgotten. */
function failureIn(text: string): ToolSign | null {
  if (/\b429 Too Many Requests\b|error code: 1015\b/.test(text)) {
    const message = 'Cloudflare gives this network no more addresses for now: too many were asked for.'
    const hint = 'It is tried again in some minutes. Another network may be let in at once.'
    return { type: 'failed', message, hint, again: 'later', waitMs: RATE_LIMITED_MS }
  }
  if (/\bUnauthorized: (?:Record for t|T)unnel not found\b/i.test(text)) {
    const message = 'Cloudflare has given up the address, as it does when this machine was away for some minutes.'
    return { type: 'failed', message, again: 'later' }
  }
  const unreached = /^failed to request quick Tunnel: (.*)$/.exec(text)?.[1]
  if (unreached !== undefined) {
    const message = `Cloudflare cannot be asked for an address: ${unreached}.`
    const hint = 'See whether this machine is online, and may reach api.trycloudflare.com.'
    return { type: 'failed', message, hint, again: 'later' }
  }
  const status = /^Error unmarshaling QuickTunnel response: .*status_code="([^"]+)"/.exec(text)?.[1]
  if (status !== undefined || /^failed to (?:unmarshal|parse) quick Tunnel/.test(text)) {
    const message = `Cloudflare gave no address${status === undefined ? '' : `: ${status}`}.`
    return { type: 'failed', message, again: 'later', waitMs: REFUSED_MS }
  }
  if (/^Incorrect Usage[:.]|flag provided but not defined/.test(text)) {
    const message = 'This version of cloudflared cannot be used.'
    return { type: 'failed', message, hint: 'Update cloudflared.', again: 'no' }
  }
  return null
}
