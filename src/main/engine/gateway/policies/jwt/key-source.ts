import { readFile, stat } from 'node:fs/promises'
import { GatewayFault } from '../../gateway-fault.js'
import { Outbound, reasonOf } from '../outbound.js'
import type { PolicyServices } from '../policy.js'
import { NoKeys, parseKeySet } from './key-set.js'
import { type KeySet, RenewedKeys } from './renewed-keys.js'

const MAX_BYTES = 1024 * 1024
const REQUEST_MS = 5_000
const MINUTE_MS = 60_000

/** The keys published at a URL. */
export function publishedKeys(url: string, { dataDir, log }: PolicyServices): { keys: RenewedKeys; close(): void } {
  const outbound = new Outbound(dataDir, null)
  const keys = new RenewedKeys({
    freshMs: 10 * MINUTE_MS,
    cooldownMs: 10_000,
    load: () => fetchKeys(url, outbound),
    onFailure: (error, kept) =>
      log.warn({ url, reason: wordsOf(error) }, `the keys of tokens cannot be had${KEPT[`${kept}`]}`),
    unavailable: (error) =>
      new GatewayFault(
        'upstream-failed',
        503,
        `The keys that bearer tokens are signed with cannot be had from ${new URL(url).origin} (${wordsOf(error)}).`,
        'Check "jwks" in the config, and that the service that publishes the keys runs.',
        ['Retry-After', '10'],
      ),
  })
  return { keys, close: () => outbound.close() }
}

/** The keys in a file, read again when it changes. @param file absolute */
export function keysInFile(file: string, { log }: PolicyServices): { keys: RenewedKeys; close(): void } {
  let read: { version: string; keys: KeySet } | null = null
  const keys = new RenewedKeys({
    freshMs: 2_000,
    cooldownMs: 2_000,
    load: async () => {
      const { mtimeMs, size, ino } = await stat(file)
      const version = `${mtimeMs} ${size} ${ino}`
      if (read?.version !== version) read = { version, keys: parseKeySet(await readFile(file, 'utf8')) }
      return read.keys
    },
    onFailure: (error, kept) =>
      log.warn({ file, reason: wordsOf(error) }, `the keys of tokens cannot be read${KEPT[`${kept}`]}`),
    unavailable: (error) =>
      new GatewayFault(
        'file-unavailable',
        503,
        `The file with the keys of bearer tokens cannot be used (${wordsOf(error)}).`,
        'Correct "keyFile" in the config, or the file.',
      ),
  })
  return { keys, close: () => undefined }
}

const KEPT = { true: '; those known already are used', false: '' }

function wordsOf(error: unknown): string {
  return error instanceof NoKeys ? error.message : reasonOf(error)
}

async function fetchKeys(url: string, outbound: Outbound): Promise<KeySet> {
  const response = await outbound.fetch(url, {
    headers: { Accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(REQUEST_MS),
  })
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw new NoKeys(`it answers ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new NoKeys('the answer is longer than 1 MiB')
    chunks.push(chunk)
  }
  return parseKeySet(Buffer.concat(chunks).toString('utf8'))
}
