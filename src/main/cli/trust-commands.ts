import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Fault } from '../../shared/fault.js'
import type { TrustAction, TrustPlan, TrustStatus } from '../../shared/trust-schemas.js'
import { openAuthorityCertificate } from '../engine/tls/authority.js'
import { type AuthorityCertificate, readAuthorityCertificate } from '../engine/tls/authority-certificate.js'
import { authorityProblems } from '../engine/tls/problems.js'
import { keyStorageIn } from '../engine/tls/sealing.js'
import { currentPlatform } from '../platform/platform.js'
import { thisMachine } from '../platform/trust-store/this-machine.js'
import { TrustKeeper } from '../platform/trust-store/trust-keeper.js'
import { requireCertificate } from './ca-commands.js'
import { plainJson } from './escape.js'
import { formatOutcome, formatPlan, formatTrust } from './format-trust.js'
import { dataDirOf } from './locate.js'
import { note, print, styled } from './output.js'
import type { CommonOptions } from './program.js'

export interface TrustOptions extends CommonOptions {
  store?: string[]
  dryRun?: boolean
  yes?: boolean
  json?: boolean
  /** uninstall: the other CAs that a Portico made */
  stale?: boolean
}

/** `portico ca status`: how each trust store stands to the local CA. */
export async function caStatus(options: TrustOptions): Promise<void> {
  const authority = await existingAuthority(options)
  const status = await trustStatus(authority)
  const keyStorage = await keyStorageIn(directoryOf(options))
  if (options.json === true) return print(plainJson({ ...asListed(status), keyStorage }))
  for (const line of formatTrust(status)) print(line)
  if (keyStorage === 'keychain') print('Its key is in the keychain, which only the desktop app can open.')
  for (const problem of authorityProblems(authority, Date.now())) print(`${styled('yellow', 'Note:')} ${problem}`)
}

/** `portico ca install`: makes the CA if there is none, and has the stores trust it. */
export async function caInstall(options: TrustOptions): Promise<void> {
  if (process.env.SUDO_USER !== undefined && process.getuid?.() === 0) note(AS_ROOT)
  await changeTrust('install', await openAuthorityCertificate(directoryOf(options), Date.now()), options)
}

/** `portico ca uninstall`: takes it out of the stores again, or others that Portico made. */
export async function caUninstall(options: TrustOptions): Promise<void> {
  await changeTrust(options.stale === true ? 'clean' : 'uninstall', await existingAuthority(options), options)
}

/**
 * Shows what an action would change in the stores, asks, does it, and tells what came of it.
 *
 * @throws Fault `not-supported` when a store is not as was wanted
 */
export async function changeTrust(
  action: TrustAction,
  authority: AuthorityCertificate,
  options: TrustOptions,
): Promise<void> {
  const keeper = new TrustKeeper(thisMachine(currentPlatform()))
  const plan = await keeper.plan(action, authority, options.store)
  const json = options.json === true
  if (options.dryRun === true) return show(plan, json)
  if (plan.stores.length === 0) return json ? print(plainJson({ ok: true, stores: [] })) : print(NOTHING[action])
  if (!json) show(plan, false)
  if (options.yes !== true && !json && !(await agreed())) return print('Nothing is changed.')
  const outcome = await keeper.apply(action, authority, plan.id, options.store)
  if (json) print(plainJson(outcome))
  else for (const line of formatOutcome(action, outcome)) print(line)
  if (outcome.ok) return
  const failed = outcome.stores.filter(({ outcome: one }) => one.state !== 'done').map(({ id }) => id)
  throw new Fault('not-supported', `Not done: ${failed.join(', ')}.`, 'See how each store stands: portico ca status')
}

const AS_ROOT = 'This is for root alone. Without sudo it is for you, and asks for approval where that is needed.'

const NOTHING: Record<TrustAction, string> = {
  install: 'Every store trusts the local CA already.',
  uninstall: 'No store has the local CA.',
  clean: 'No store has another CA of Portico’s.',
  replace: 'No store has a former CA of this one.',
}

function show(plan: TrustPlan, json: boolean): void {
  if (json) print(plainJson(plan))
  else if (plan.stores.length === 0) print(NOTHING[plan.action])
  else for (const line of formatPlan(plan)) print(line)
}

/** A person at the terminal is asked; a script that says it has said it. */
export async function agreed(): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return true
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question('Do this? [y/N] ')).trim())
  } catch {
    note('') // Ctrl-C, after the question on its line
    return false
  } finally {
    terminal.close()
  }
}

/** Looking never makes a CA. @throws Fault `not-found` when there is none */
async function existingAuthority(options: CommonOptions): Promise<AuthorityCertificate> {
  await requireCertificate(options)
  return (await readAuthorityCertificate(directoryOf(options))) ?? existingAuthority(options)
}

function directoryOf(options: CommonOptions): string {
  return path.join(dataDirOf(options), 'ca')
}

async function trustStatus(authority: AuthorityCertificate): Promise<TrustStatus> {
  const keeper = new TrustKeeper(thisMachine(currentPlatform()))
  const { fingerprint, notAfter, constraints } = authority
  return { fingerprint, notAfter: notAfter.toISOString(), constraints, stores: await keeper.status(authority) }
}

function asListed({ stores, ...ca }: TrustStatus) {
  return { ...ca, stores: stores.map(({ id, title, state, detail }) => ({ id, title, state, detail })) }
}
