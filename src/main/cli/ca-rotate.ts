import path from 'node:path'
import { InstanceLock } from '../engine/control/instance-lock.js'
import { openAuthorityCertificate } from '../engine/tls/authority.js'
import type { AuthorityCertificate } from '../engine/tls/authority-certificate.js'
import { namesOf } from '../engine/tls/permitted-names.js'
import { rotateAuthority } from '../engine/tls/rotation.js'
import { currentPlatform } from '../platform/platform.js'
import { requireCertificate } from './ca-commands.js'
import { plain } from './escape.js'
import { dataDirOf, withEngineOr } from './locate.js'
import { note, print } from './output.js'
import { agreed, changeTrust, type TrustOptions } from './trust-commands.js'

export interface RotateOptions extends Omit<TrustOptions, 'store' | 'dryRun' | 'stale'> {
  addDomain?: string[]
  removeDomain?: string[]
}

/** `portico ca rotate`: a new CA takes the place of the old one, here and in the stores that have it. */
export async function caRotate(options: RotateOptions): Promise<void> {
  const { certFile } = await requireCertificate(options)
  if (options.json !== true)
    note(`The CA ${certFile} is replaced, its key destroyed, and its certificates issued anew.`)
  if (options.yes !== true && options.json !== true && !(await agreed())) return print('Nothing is changed.')
  await rotate(options)
  const authority = await openAuthorityCertificate(directoryOf(options), Date.now())
  if (options.json !== true) for (const line of formatNew(authority)) print(line)
  await changeTrust('replace', authority, options)
}

/** By the running engine, which serves with the new one at once; without one, so that none starts meanwhile. */
async function rotate(options: RotateOptions): Promise<void> {
  const { addDomain, removeDomain } = options
  await withEngineOr<unknown>(
    options,
    (engine) =>
      engine.call('ca.rotate', {
        ...(addDomain === undefined ? {} : { addDomains: addDomain }),
        ...(removeDomain === undefined ? {} : { removeDomains: removeDomain }),
      }),
    async () => {
      const lock = await InstanceLock.acquire({ dataDir: dataDirOf(options), platform: currentPlatform() })
      try {
        await rotateAuthority(directoryOf(options), Date.now(), { add: addDomain, remove: removeDomain })
      } finally {
        await lock.release()
      }
    },
  )
}

function directoryOf(options: RotateOptions): string {
  return path.join(dataDirOf(options), 'ca')
}

function formatNew({ fingerprint, constraints }: AuthorityCertificate): string[] {
  const domains = constraints === null ? 'every name' : namesOf(constraints).dns.join(', ')
  return [
    `The local CA is ${fingerprint} now.`,
    `It may vouch for ${plain(domains)}, what is below them, and addresses of this machine and of private networks.`,
  ]
}
