import { lookup } from 'node:dns/promises'
import type { LookupFacts } from '../../../shared/doctor-facts.js'

/** A resolver that asks servers which do not answer takes its time. */
const LOOKUP_MS = 6_000

/** Resolves a name as most programs do, by getaddrinfo(3). */
export async function lookUp(host: string): Promise<LookupFacts> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<LookupFacts>((resolve) => {
    timer = setTimeout(() => resolve({ addresses: [], error: 'no answer' }), LOOKUP_MS)
  })
  const found = lookup(host, { all: true, verbatim: true }).then(
    (all): LookupFacts => ({ addresses: [...new Set(all.map(({ address }) => address))], error: null }),
    (error: NodeJS.ErrnoException): LookupFacts => ({ addresses: [], error: error.code ?? error.message }),
  )
  try {
    return await Promise.race([found, late])
  } finally {
    clearTimeout(timer)
  }
}
