import type { Authorization } from 'acme-client'
import { AcmeError } from './acme-error.js'
import type { AcmeSession } from './acme-session.js'
import { runDnsHook } from './dns-hook.js'
import type { PendingChallenges } from './pending-challenges.js'
import { type AcmeSettings, challengeFor } from './settings.js'

export interface ShowChallenge {
  session: AcmeSession
  name: string
  authorization: Authorization
  challenges: PendingChallenges
  settings: AcmeSettings
}

type Challenge = Authorization['challenges'][number]

/** Lets the authority see the proof that a name is ours. `hide` takes it away again and never rejects. */
export async function showChallenge(
  options: ShowChallenge,
): Promise<{ challenge: Challenge; hide: () => Promise<void> | void }> {
  const { session, name, authorization, challenges, settings } = options
  const type = challengeFor(name, settings)
  const challenge = authorization.challenges.find((one) => (one.type as string) === type)
  if (challenge === undefined) {
    const offered = authorization.challenges.map((one) => one.type).join(', ')
    throw new AcmeError(`the ACME directory does not offer ${type} for ${name}`, {
      remedy: `Set tls.acme.challenge to one that it offers: ${offered}`,
    })
  }
  const proof = await session.client.getChallengeKeyAuthorization(challenge)
  const host = authorization.identifier.value
  if (type === 'http-01') return { challenge, hide: challenges.showHttp(host, challenge.token, proof) }
  if (type === 'dns-01') return { challenge, hide: await showDns(host, proof, settings) }
  return { challenge, hide: await showTls(options, proof) }
}

async function showTls({ session, authorization, challenges }: ShowChallenge, proof: string): Promise<() => void> {
  const { crypto } = session.library
  const [key, cert] = await crypto.createAlpnCertificate(
    authorization,
    proof,
    await crypto.createPrivateEcdsaKey('P-256'),
  )
  return challenges.showTls(authorization.identifier.value, { key: key.toString(), cert: cert.toString() })
}

async function showDns(host: string, proof: string, { dnsHook }: AcmeSettings): Promise<() => Promise<void>> {
  if (dnsHook === null)
    throw new AcmeError('there is no command that sets DNS records', { remedy: 'Name one in tls.acme.dnsHook' })
  const record = `_acme-challenge.${host}`
  // A record that is left over does no harm; the command has said on its own what went wrong.
  const hide = () => runDnsHook(dnsHook, 'cleanup', record, proof).catch(() => {})
  try {
    await runDnsHook(dnsHook, 'present', record, proof)
  } catch (error) {
    await hide()
    throw error
  }
  return hide
}
