import type { DoctorCheck, DoctorFixPlan } from '../../../shared/doctor-schemas.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import type { NameConstraints } from '../../../shared/trust-schemas.js'
import type { CertificateStatus } from '../../../shared/window-schemas.js'
import { fail, fixAtOnce, fixBy, pass, warn } from './check.js'

const DAY_MS = 86_400_000
/** Somebody has to do something about these. */
const SOON_DAYS = 30
/** Portico's own are renewed when they have 30 days left, within the day. */
const OVERDUE_DAYS = 28

export interface CaFacts {
  /** milliseconds since the epoch, as the next */
  notBefore: number
  notAfter: number
  constraints: NameConstraints | null
  /** hosts with certificates of the CA that it may not vouch for, each with the domain that would have to be added */
  outside: readonly { host: string; domain: string }[]
}

/** The CA and the clock of this machine, and what it may vouch for. @param now milliseconds since the epoch */
export function judgeCa(
  { notBefore, notAfter, constraints, outside }: CaFacts,
  now: number,
  portico: string,
): DoctorCheck[] {
  return [
    validity({ notBefore, notAfter }, now, portico),
    ...(constraints === null
      ? [
          warn(
            'ca:constraints',
            'The local CA may vouch for every name, so whoever has its key could pose as any site.',
            fixBy('A new CA for development names only takes its place.', `${portico} ca rotate`, rotate()),
          ),
        ]
      : []),
    ...outside.map(({ host, domain }) =>
      fail(
        `ca:${host}`,
        `The local CA may not vouch for ${host}: clients refuse its certificate.`,
        fixBy(
          `A new CA that may vouch for ${domain} takes its place.`,
          `${portico} ca rotate --add-domain ${domain}`,
          rotate(domain),
        ),
      ),
    ),
  ]
}

function validity(ca: Pick<CaFacts, 'notBefore' | 'notAfter'>, now: number, portico: string): DoctorCheck {
  const anew = fixBy('A new CA takes its place, in the trust stores too.', `${portico} ca rotate`, rotate())
  const id = 'ca'
  if (now < ca.notBefore) {
    const clock = `The clock of this machine says ${day(now)}, and the local CA is valid from ${day(ca.notBefore)}.`
    return fail(id, clock, fixBy('Set the clock of this machine right.'))
  }
  if (now > ca.notAfter) return fail(id, `The local CA expired on ${day(ca.notAfter)}.`, anew)
  if (ca.notAfter - now < SOON_DAYS * DAY_MS) return warn(id, `The local CA expires on ${day(ca.notAfter)}.`, anew)
  return pass(id, `The local CA is valid until ${day(ca.notAfter)}.`)
}

function rotate(...addDomains: string[]): DoctorFixPlan {
  return { kind: 'rotate', addDomains }
}

/** The certificates of the hosts. */
export function judgeCertificates(list: readonly CertificateStatus[], now: number, portico: string): DoctorCheck[] {
  const trouble = list.flatMap((one) => judgeCertificate(one, now, portico))
  if (trouble.length > 0) return trouble
  const issued = list.filter(({ notAfter }) => notAfter !== null).length
  return [
    pass(
      'certificate',
      issued === 1 ? 'The one certificate in use is valid.' : `All ${issued} certificates in use are valid.`,
    ),
  ]
}

function judgeCertificate(certificate: CertificateStatus, now: number, portico: string): DoctorCheck[] {
  const { name, source, notAfter, lastError } = certificate
  const id = `certificate:${name}`
  const fix =
    source === 'file'
      ? fixBy('Put new files in the place of the old ones.')
      : fixAtOnce('Issues it anew.', `${portico} cert renew ${shellQuote(name)}`, {
          command: 'certificates.renew',
          params: { name },
        })
  const left = notAfter === null ? null : (Date.parse(notAfter) - now) / DAY_MS
  if (left !== null && left < 0)
    return [fail(id, `The certificate of ${name} expired on ${day(Date.parse(notAfter!))}.`, fix)]
  if (lastError !== null) return [warn(id, `The certificate of ${name}: ${lastError}`, fix)]
  if (left !== null && left < (source === 'file' ? SOON_DAYS : OVERDUE_DAYS)) {
    return [warn(id, `The certificate of ${name} expires on ${day(Date.parse(notAfter!))}.`, fix)]
  }
  return []
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
