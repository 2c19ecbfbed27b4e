import { randomBytes } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { issueAuthority, type Subject } from './issue.js'
import { errorCode, makePrivateDirectory, syncDirectory, writePrivateFile } from './key-files.js'
import { permittedNames } from './permitted-names.js'
import { AUTHORITY_LIFE_MS, validityFrom } from './renewal.js'

export const CERT = 'ca.pem'
export const KEY = 'ca.key'

/**
 * Makes an authority in `directory`, which must not be there yet and which only its owner may enter. Rejects with the
 * file system's error; what is in the directory then is of no use.
 *
 * @param now milliseconds since the epoch
 * @param added domains and addresses that it may vouch for besides the usual ones, as `changedNames` tells them
 * @param writeKey puts the key (PEM) into the directory; as a file without
 */
export async function writeNewAuthority(
  directory: string,
  now: number,
  added: readonly string[],
  writeKey: (directory: string, pem: string) => Promise<void> = writePlainKey,
): Promise<void> {
  const validity = validityFrom(now, AUTHORITY_LIFE_MS)
  const pair = await issueAuthority(subjectOf(ownerName()), validity, permittedNames(added))
  await makePrivateDirectory(directory)
  await writeKey(directory, pair.key)
  await writePrivateFile(path.join(directory, CERT), pair.cert)
  await syncDirectory(directory)
}

/** Puts the key into the directory as it is, for its owner alone. */
export function writePlainKey(directory: string, pem: string): Promise<void> {
  return writePrivateFile(path.join(directory, KEY), pem)
}

/** `user@host`; a container may run under a user id that has no name. */
export function ownerName(): string {
  let user = 'user'
  try {
    user = os.userInfo().username
  } catch (error) {
    if (errorCode(error) === '') throw error
  }
  return `${user}@${os.hostname()}`
}

/**
 * The distinguished name of a new authority: who made it, for the person who finds it in a trust store, and a random
 * part, because verifiers look issuers up by name and two authorities of one user must not be mistaken for each other.
 * @param owner as `user@host`
 */
function subjectOf(owner: string): Subject {
  const unique = randomBytes(4).toString('hex')
  return {
    organization: 'Portico local CA',
    organizationalUnit: owner.slice(0, 64),
    commonName: `Portico ${owner.slice(0, 47)} ${unique}`,
  }
}
