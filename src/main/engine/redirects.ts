import type { Listener, Problem } from '../../shared/contract.js'
import type { ListenPlan } from './open-listeners.js'

/** What finding redirects needs of the gateway. */
export interface RedirectFinder {
  /** Finds out whether what this machine sends to another port arrives at a listener, and remembers it. */
  findRedirect(listener: Listener, port: number): Promise<boolean>
}

/**
 * Finds the listeners on fallback ports that the system leads the wanted ports to all the same.
 *
 * @returns the protocols of which every listener is reached at the wanted port
 */
export async function findRedirects(
  listeners: RedirectFinder & { readonly open: Listener[] },
  plan: ListenPlan,
): Promise<Listener['protocol'][]> {
  const redirected: Listener['protocol'][] = []
  for (const protocol of ['https', 'http'] as const) {
    const wanted = plan[protocol].port
    const elsewhere = listeners.open.filter((one) => one.protocol === protocol && one.port !== wanted)
    if (wanted === 0 || elsewhere.length === 0) continue
    const found: boolean[] = []
    for (const listener of elsewhere) found.push(await listeners.findRedirect(listener, wanted))
    if (found.every(Boolean)) redirected.push(protocol)
  }
  return redirected
}

/** That another port is used needs no saying where nobody has to name it. */
export function withoutRedirected(problems: Problem[], redirected: readonly Listener['protocol'][]): Problem[] {
  return problems.filter(({ path }) => !redirected.some((protocol) => path === `listen.${protocol}`))
}
