import type { CertificateStatus } from '../../shared/window-schemas.js'
import { plain, plainJson } from './escape.js'
import { withEngine } from './locate.js'
import { print, styled } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico cert list`: one line or object per host. */
export async function listCertificates(options: CommonOptions & { json?: boolean }): Promise<void> {
  const statuses = await withEngine(options, (engine) => engine.call('certificates.list', {}))
  if (options.json === true) print(plainJson(statuses.map(asListed)))
  else for (const line of formatCertificates(statuses)) print(line)
}

/** `portico cert renew HOST`. */
export async function renewCertificate(name: string, options: CommonOptions): Promise<void> {
  const renewed = await withEngine(options, (engine) => engine.call('certificates.renew', { name }))
  print(`${plain(renewed.name)} has a new certificate, valid until ${day(renewed.notAfter)}.`)
}

/** One line per host: its state, its end, who vouches for it, and below it what went wrong. */
export function formatCertificates(statuses: readonly CertificateStatus[]): string[] {
  const width = Math.max(0, ...statuses.map(({ name }) => name.length))
  return statuses.flatMap(({ name, source, issuer, notAfter, state, lastError }) => {
    const until = notAfter === null ? '' : `  until ${day(notAfter)}`
    const by = issuer === null ? '' : `  ${source}: ${plain(issuer)}`
    const line = `${plain(name.padEnd(width))}  ${styled(COLOURS[state], state.padEnd(8))}${until}${by}`.trimEnd()
    return [line, ...(lastError === null ? [] : [`  ${styled('yellow', 'Note:')} ${plain(lastError)}`])]
  })
}

const COLOURS = {
  valid: 'green',
  expiring: 'yellow',
  expired: 'red',
  missing: 'dim',
  'outside-constraints': 'red',
} as const

function asListed({ name: host, source, issuer, notAfter, state, lastError }: CertificateStatus) {
  return { host, source, issuer, notAfter, state, lastError }
}

function day(notAfter: string | null): string {
  return notAfter?.slice(0, 10) ?? 'unknown'
}
