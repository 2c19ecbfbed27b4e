import type { Failure, ToolSign } from './tool.js'

/** A session that was cut off, as by a crash, is held against the account until ngrok has noticed. */
const LINGERS_MS = 15_000
const MAX_WORDS = 200

interface LogLine {
  lvl: string
  msg: string
  err: string
  url: string
}

/** Reads what `ngrok http --log stdout --log-format json` prints, and what it prints of its end as plain text. */
export class ReadNgrok {
  #address: string | null = null
  /** each attempt fails in other words, which are of no use to anybody */
  #isLost = false

  read(line: string): ToolSign | null {
    if (!line.startsWith('{')) return this.#plain(line)
    const { lvl, msg, err, url } = parse(line)
    if (msg === 'started tunnel' && url.startsWith('https://')) this.#address = url
    if (msg === 'started tunnel' || msg === 'client session established') {
      this.#isLost = false
      return this.#address === null ? null : { type: 'open', url: this.#address }
    }
    const severe = lvl === 'eror' || lvl === 'crit'
    if (!severe || err === '' || err === '<nil>') return null
    const failure = failureIn(err)
    if (failure !== null) return failure
    // It ends after this; after all else it goes on.
    if (lvl === 'crit') return { type: 'note', message: safeWords(err) }
    if (msg !== 'failed to reconnect session' && !msg.startsWith('session closed')) {
      return { type: 'note', message: safeWords(err) }
    }
    if (this.#isLost) return null
    this.#isLost = true
    return lost(err)
  }

  #plain(line: string): ToolSign | null {
    // https://github.com/spf13/cobra's words: a version without the inspector
    if (/unknown flag: --inspect|flag provided but not defined: -inspect/.test(line)) {
      return { type: 'failed', message: 'This version of ngrok has no --inspect.', again: 'differently' }
    }
    if (/unknown flag|flag provided but not defined|unknown command/.test(line)) {
      return { type: 'failed', message: 'This version of ngrok cannot be used.', hint: UPDATE, again: 'no' }
    }
    const text = line.replace(/^ERROR:\s*/, '').trim()
    if (text === '') return null
    return failureIn(text) ?? { type: 'note', message: safeWords(text) }
  }
}

const UPDATE = 'Update it: ngrok update, or https://ngrok.com/download'
const TOKEN_HINT =
  'Copy it from https://dashboard.ngrok.com/get-started/your-authtoken, then: ngrok config add-authtoken TOKEN'
const NO_ACCOUNT_HINT = 'Sign up at https://dashboard.ngrok.com/signup, then: ngrok config add-authtoken TOKEN'

/** https://ngrok.com/docs/errors/reference */
const FAILURES: Record<string, Failure> = {
  102: { message: 'ngrok has suspended the account: its last payment failed.', again: 'no' },
  103: { message: 'ngrok has suspended the account.', again: 'no' },
  105: { message: 'The authtoken of ngrok is not one.', hint: TOKEN_HINT, again: 'no' },
  106: { message: 'The authtoken of ngrok is one of its version 1.', hint: TOKEN_HINT, again: 'no' },
  107: { message: 'ngrok does not know the authtoken any more.', hint: TOKEN_HINT, again: 'no' },
  108: {
    message: 'The ngrok account has as many agents online as it may.',
    hint: 'End another one: https://dashboard.ngrok.com/agents',
    again: 'later',
    waitMs: LINGERS_MS,
  },
  115: { message: 'The ngrok account does not allow agents from this network.', again: 'no' },
  116: { message: 'The authtoken of ngrok may not be used from this network.', again: 'no' },
  120: { message: 'ngrok does not serve this version of its program any more.', hint: UPDATE, again: 'no' },
  121: { message: 'ngrok does not serve this version of its program any more.', hint: UPDATE, again: 'no' },
  123: {
    message: 'The e-mail address of the ngrok account is not confirmed.',
    hint: 'Confirm it: https://dashboard.ngrok.com/user/settings',
    again: 'no',
  },
  334: {
    message: 'The address of the ngrok account is taken by another agent.',
    hint: 'A free account has one address: end the other one, https://dashboard.ngrok.com/endpoints',
    again: 'later',
    waitMs: LINGERS_MS,
  },
  4018: { message: 'ngrok asks for an account.', hint: NO_ACCOUNT_HINT, again: 'no' },
  9009: {
    message: 'ngrok does not let this account out by a proxy.',
    hint: 'It takes the proxy from http_proxy: start Portico without it.',
    again: 'no',
  },
  9040: { message: 'ngrok does not allow agents from this address.', again: 'no' },
}

function failureIn(text: string): ToolSign | null {
  const code = /\bERR_NGROK_(\d+)\b/i.exec(text)?.[1]
  if (code === undefined) return null
  const known = FAILURES[code]
  if (known !== undefined) return { type: 'failed', ...known, message: `${known.message} (ERR_NGROK_${code})` }
  return {
    type: 'failed',
    message: `ngrok refuses: ${safeWords(text)} (ERR_NGROK_${code})`,
    hint: `What it means: https://ngrok.com/docs/errors/err_ngrok_${code}`,
    again: 'later',
    unexplained: true,
  }
}

function lost(err: string): ToolSign {
  if (/certificate signed by unknown authority|failed to verify certificate/.test(err)) {
    const hint =
      'Something on the way, as a company’s proxy, answers in its place. ngrok trusts only its own certificates.'
    return { type: 'lost', message: 'ngrok’s service is not behind its address on this network.', hint }
  }
  return { type: 'lost', message: `ngrok does not reach its service: ${safeWords(err)}.` }
}

/** The first sentence. Those that follow may hold the authtoken. */
function safeWords(text: string): string {
  const [first = ''] = text.replace(/ERR_NGROK_\d+/gi, '').split(/[\r\n]|your authtoken/i)
  return first.trim().slice(0, MAX_WORDS)
}

function parse(line: string): LogLine {
  const empty = { lvl: '', msg: '', err: '', url: '' }
  try {
    const fields = Object.entries(JSON.parse(line) as object).filter(([, value]) => typeof value === 'string')
    return { ...empty, ...Object.fromEntries(fields) }
  } catch {
    return empty
  }
}
