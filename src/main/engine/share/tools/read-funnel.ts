import { OPERATOR } from './funnel-obstacle.js'
import type { Failure, ToolSign } from './tool.js'

/** The words of cmd/tailscale/cli/serve_v2.go and ipn/serve.go, of 1.52 until now. */
const PORT_TAKEN =
  /(?:background configuration|foreground) already exists|listener already exists for port|port (?:\d+ )?is already serving|already serving TCP/
const NOT_A_WORD = /^\s*$|^\|--|^Press Ctrl|^Success|^Available|^To enable/
const LINK = /https:\/\/login\.tailscale\.com\/\S+/

/** Reads what `tailscale funnel` prints in the foreground. */
export class ReadFunnel {
  readonly #port: number
  readonly #last: boolean
  /** it is the internet that the address after this is for, and not the tailnet */
  #public = false
  #refused: string | null = null

  /**
   * @param port the public one that it was told
   * @param last whether there is no other one to try
   */
  constructor(port: number, last: boolean) {
    this.#port = port
    this.#last = last
  }

  read(line: string): ToolSign | null {
    const failure = this.#failure(line)
    if (failure !== null) return { type: 'failed', ...failure }
    if (line.startsWith('Available on the internet')) this.#public = true
    if (line.startsWith('Available within your tailnet')) this.#public = false
    const url = /^(https:\/\/[^\s/]+)\/?$/.exec(line.trim())?.[1]
    if (this.#public && url !== undefined) return { type: 'open', url }
    return this.#enabling(line) ?? (NOT_A_WORD.test(line) ? null : { type: 'note', message: line.trim() })
  }

  /** It prints a link, waits until Funnel or HTTPS is enabled there, and goes on by itself. */
  #enabling(line: string): ToolSign | null {
    const what = /\b(Funnel|Serve|HTTPS) is not enabled on your tailnet/.exec(line)?.[1]
    if (what !== undefined) {
      this.#refused = `${what} is not enabled on the tailnet.`
      return { type: 'lost', message: this.#refused }
    }
    const link = LINK.exec(line)?.[0]
    if (link === undefined) return null
    const message = this.#refused ?? 'The tailnet has to allow this.'
    return { type: 'lost', message, hint: `Enable it: ${link}` }
  }

  #failure(line: string): Failure | null {
    if (PORT_TAKEN.test(line)) return this.#portTaken()
    if (/serve config denied|Access denied|access denied/.test(line)) return { ...OPERATOR, again: 'no' }
    if (/shields-up is enabled/.test(line)) {
      const message = 'Tailscale does not accept connections from outside.'
      return { message, hint: 'Allow them: tailscale set --shields-up=false', again: 'no' }
    }
    if (/Funnel not available; HTTPS must be enabled/.test(line)) {
      const hint = 'Turn on HTTPS Certificates: https://login.tailscale.com/admin/dns'
      return { message: 'The tailnet has no HTTPS certificates, which Funnel needs.', hint, again: 'no' }
    }
    if (/Funnel not available;/.test(line)) {
      const hint = 'Give it the node attribute "funnel": https://tailscale.com/s/no-funnel'
      return { message: 'The tailnet’s policy does not let this machine use Funnel.', hint, again: 'no' }
    }
    if (/is not allowed for funnel/.test(line)) {
      const message = `The tailnet’s policy does not let this machine use port ${this.#port} for Funnel.`
      const hint = 'See its funnel-ports: https://tailscale.com/kb/1223/funnel'
      return { message, hint, again: this.#last ? 'no' : 'differently' }
    }
    if (/^Tailscale is stopped/.test(line)) {
      return { message: 'Tailscale is turned off.', hint: 'Turn it on: tailscale up', again: 'later' }
    }
    if (/^Logged out|not logged in/.test(line)) {
      return { message: 'Nobody is logged in to Tailscale.', hint: 'Log in: tailscale up', again: 'no' }
    }
    if (/not yet (?:approved|authorized) by tailnet admin/.test(line)) {
      const hint = 'Approve it: https://login.tailscale.com/admin/machines'
      return { message: 'The tailnet’s admin has not approved this machine yet.', hint, again: 'no' }
    }
    if (/failed to connect to local tailscale/i.test(line)) {
      return { message: 'Tailscale is not running.', hint: 'Start it, and this goes on.', again: 'later' }
    }
    if (/Another client is changing the serve config/.test(line)) {
      return { message: 'Something else is changing what Tailscale serves.', again: 'later' }
    }
    if (/the CLI for serve and funnel has changed|^flag provided but not defined|invalid argument format/.test(line)) {
      const hint = 'Update it: sudo tailscale update, or https://tailscale.com/download'
      return { message: 'This version of Tailscale cannot be used.', hint, again: 'no' }
    }
    return null
  }

  #portTaken(): Failure {
    const hint = 'See what has them: tailscale funnel status. Then: tailscale funnel reset'
    const message = this.#last ? 'Each port that Funnel may use is taken.' : `Port ${this.#port} of Funnel is taken.`
    return { message, hint, again: 'differently' }
  }
}
