import type { DoctorCheck, DoctorFix } from '../../../shared/doctor-schemas.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import type { TrustStoreStatus } from '../../../shared/trust-schemas.js'
import { fail, fixBy, pass, warn } from './check.js'

/** How each trust store stands to the local CA; those that are not here, or only changed when asked for, are left out. */
export function judgeTrust(stores: readonly TrustStoreStatus[], portico: string): DoctorCheck[] {
  return stores
    .filter(({ state, optional }) => state !== 'absent' && !(optional && state === 'untrusted'))
    .map((store) => judgeStore(store, portico))
}

function judgeStore(store: TrustStoreStatus, portico: string): DoctorCheck {
  const { id, title, state, detail } = store
  const check = `trust:${id}`
  const more = detail === '' ? '' : ` ${/[.!?]$/.test(detail) ? detail : `${detail}.`}`
  if (state === 'unknown') return warn(check, `${title}: it cannot be looked at.${more}`)
  if (state === 'untrusted')
    return fail(check, `${title}: the local CA is not trusted.${more}`, install(store, portico))
  if (state === 'stale') {
    return fail(check, `${title}: an old CA of Portico’s is trusted, and not this one.${more}`, install(store, portico))
  }
  // A store that has this CA and says more of itself has another one too.
  if (/another Portico CA/.test(detail))
    return warn(check, `${title}: the local CA is trusted.${more}`, clean(id, portico))
  return pass(check, `${title}: the local CA is trusted.`)
}

/** A store that has the CA whose place this one has taken loses that in the same go, where a plan is carried out. */
function install({ id, former }: TrustStoreStatus, portico: string): DoctorFix {
  const command = `${portico} ca install --store ${shellQuote(id)}`
  const action = former === true ? 'replace' : 'install'
  return fixBy('Has this store trust the local CA.', command, { kind: 'trust', action, stores: [id] })
}

function clean(id: string, portico: string): DoctorFix {
  const command = `${portico} ca uninstall --stale --store ${shellQuote(id)}`
  return fixBy('Takes the old CAs out.', command, { kind: 'trust', action: 'clean', stores: [id] })
}
