import { chmod, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { Fault } from '../../../shared/fault.js'
import type { ShareRelay } from '../../../shared/share-schemas.js'
import { writeAtomically } from '../config/atomic-file.js'

const fileSchema = z.strictObject({
  version: z.literal(1),
  relays: z.array(z.strictObject({ url: z.string(), token: z.string(), ca: z.string().optional() })),
})

/**
 * The relays that a person has saved, with their tokens, in a file that only its owner may read. It is read anew each
 * time: who repairs it need not start anything again.
 */
export class KeptRelays {
  readonly #file: string
  /** one change after the other */
  #turn: Promise<unknown> = Promise.resolve()

  /** @param dataDir absolute; one without the file has none */
  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'relays.json')
  }

  /** @throws Fault `config-unreadable` for a damaged file, which is left as it is */
  async list(): Promise<ShareRelay[]> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw unreadable(this.#file, error.code ?? error.message)
    })
    return text === null ? [] : relaysOf(this.#file, text)
  }

  /** One that is kept by this address is replaced. */
  save(relay: ShareRelay): Promise<void> {
    return this.#change((relays) => [...relays.filter(({ url }) => url !== relay.url), relay])
  }

  /** @throws Fault `not-found` */
  forget(url: string): Promise<void> {
    return this.#change((relays) => {
      if (relays.some((one) => one.url === url)) return relays.filter((one) => one.url !== url)
      throw noSuchRelay(url)
    })
  }

  #change(edit: (relays: readonly ShareRelay[]) => readonly ShareRelay[]): Promise<void> {
    const turn = this.#turn
      .catch(() => undefined) // told to who asked
      .then(async () => {
        const relays = edit(await this.list())
        // Written over, it keeps its rights, which somebody may have widened.
        await chmod(this.#file, 0o600).catch(() => undefined)
        await writeAtomically(this.#file, `${JSON.stringify({ version: 1, relays }, null, 2)}\n`, { mode: 0o600 })
      })
    this.#turn = turn
    return turn
  }
}

export function noSuchRelay(url: string): Fault {
  return new Fault('not-found', `There is no saved relay ${url}.`, 'Save it first, with its token.')
}

/** What is wrong is not quoted: it may be a token. */
function relaysOf(file: string, text: string): ShareRelay[] {
  try {
    return fileSchema.parse(JSON.parse(text)).relays
  } catch {
    throw unreadable(file, 'it is not what Portico has written')
  }
}

function unreadable(file: string, reason: string): Fault {
  return new Fault('config-unreadable', `${file} can not be read: ${reason}.`, 'Repair it, or move it elsewhere.')
}
